// y[r] = x[order[r]] * scores[order[r]]: the router's score multiplies an expert's input. A row a block.

template <class N> __device__ static void gather_row(N* y, const N* x, const int* order, const float* scores, int columns) {
    int token = order[blockIdx.x];
    float score = scores[token];
    for (int i = threadIdx.x; i < (columns + 7) / 8; i += blockDim.x) {
        Eight v = load_eight(x + (size_t)token * columns, i, columns);
        for (int j = 0; j < 8; j++) v.v[j] *= score;
        store_eight(y + (size_t)blockIdx.x * columns, i, columns, v);
    }
}

KERNEL(gather_f32, 256, float* y, const float* x, const int* order, const float* scores, int columns) { gather_row(y, x, order, scores, columns); }
KERNEL(gather_bf16, 256, bf16* y, const bf16* x, const int* order, const float* scores, int columns) { gather_row(y, x, order, scores, columns); }
