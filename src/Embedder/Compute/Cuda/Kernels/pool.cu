// One float32 vector a sequence: mean or last of its rows [skip_first, length - skip_last), summed in their order; zeros where none are left.
// Grid: sequences by blocks of columns; a thread a column, so that neighbours read neighbours.

template <class N> __device__ static void pool_column(float* y, const N* x, const int* starts, int skip_first, int skip_last, int is_last, int columns) {
    int column = blockIdx.y * blockDim.x + threadIdx.x;
    if (column >= columns) return;
    int first = starts[blockIdx.x] + skip_first, end = starts[blockIdx.x + 1] - skip_last;
    float* to = y + (size_t)blockIdx.x * columns + column;
    if (first >= end) { *to = 0.f; return; }
    if (is_last) { *to = widen(x[(size_t)(end - 1) * columns + column]); return; }
    float sum = 0.f;
    for (int row = first; row < end; row++) sum += widen(x[(size_t)row * columns + column]);
    *to = sum * (1.f / (float)(end - first));
}

KERNEL(pool_f32, 256, float* y, const float* x, const int* starts, int skip_first, int skip_last, int is_last, int columns) {
    pool_column(y, x, starts, skip_first, skip_last, is_last, columns);
}
KERNEL(pool_bf16, 256, float* y, const bf16* x, const int* starts, int skip_first, int skip_last, int is_last, int columns) {
    pool_column(y, x, starts, skip_first, skip_last, is_last, columns);
}
