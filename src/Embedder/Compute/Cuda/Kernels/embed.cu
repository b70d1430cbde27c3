// x[t] = table[ids[t]], rows of stored numbers to float32. Grid: a block a token.

KERNEL(embed, 256, float* x, const void* table, const int* ids, int stored, int columns) {
    size_t from = (size_t)ids[blockIdx.x] * columns, to = (size_t)blockIdx.x * columns;
    for (int i = threadIdx.x; i < columns; i += blockDim.x) x[to + i] = load_stored(table, stored, from + i);
}
