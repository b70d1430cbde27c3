// y[order[r]] += x[r]. A row a block; a token has one expert, so no two blocks of a launch write the same row.

template <class N> __device__ static void scatter_row(N* y, const N* x, const int* order, int columns) {
    N* to = y + (size_t)order[blockIdx.x] * columns;
    for (int i = threadIdx.x; i < (columns + 7) / 8; i += blockDim.x) {
        Eight sum = load_eight(to, i, columns), more = load_eight(x + (size_t)blockIdx.x * columns, i, columns);
        for (int j = 0; j < 8; j++) sum.v[j] += more.v[j];
        store_eight(to, i, columns, sum);
    }
}

KERNEL(scatter_add_f32, 256, float* y, const float* x, const int* order, int columns) { scatter_row(y, x, order, columns); }
KERNEL(scatter_add_bf16, 256, bf16* y, const bf16* x, const int* order, int columns) { scatter_row(y, x, order, columns); }
