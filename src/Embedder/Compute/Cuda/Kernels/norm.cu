// y = x / sqrt(mean(x^2) + epsilon) * gain, a row a block; x and gain float32, y numbers. With a branch x += branch first, so that the
// stream is read and written once. Each thread comes back to the packs it read, so between the two passes the stream needs no barrier.
// y may be the branch: a thread has read a pack of it before it writes that pack.

template <class N, class Branch> __device__ static void norm_row(N* y, float* x, const Branch* branch, const float* gain, float epsilon, int columns) {
    SHARED(float, each_warp);
    size_t row = (size_t)blockIdx.x * columns;
    int packs = (columns + 7) / 8;
    float squares = 0.f;
    for (int i = threadIdx.x; i < packs; i += blockDim.x) {
        Eight v = load_eight(x + row, i, columns);
        if (branch) {
            Eight more = load_eight(branch + row, i, columns);
            for (int j = 0; j < 8; j++) v.v[j] += more.v[j];
            store_eight(x + row, i, columns, v);
        }
        for (int j = 0; j < 8; j++) squares += v.v[j] * v.v[j];
    }
    float scale = 1.f / sqrtf(block_sum(squares, each_warp) / columns + epsilon);
    for (int i = threadIdx.x; i < packs; i += blockDim.x) {
        Eight v = load_eight(x + row, i, columns), g = load_eight(gain, i, columns);
        for (int j = 0; j < 8; j++) v.v[j] = v.v[j] * scale * g.v[j];
        store_eight(y + row, i, columns, v);
    }
}

KERNEL(rms_norm_f32, 1024, float* y, float* x, const float* gain, float epsilon, int columns) {
    norm_row(y, x, (const float*)nullptr, gain, epsilon, columns);
}
KERNEL(rms_norm_bf16, 1024, bf16* y, float* x, const float* gain, float epsilon, int columns) {
    norm_row(y, x, (const bf16*)nullptr, gain, epsilon, columns);
}
KERNEL(add_rms_norm_f32, 1024, float* y, float* x, const float* branch, const float* gain, float epsilon, int columns) {
    norm_row(y, x, branch, gain, epsilon, columns);
}
KERNEL(add_rms_norm_bf16, 1024, bf16* y, float* x, const bf16* branch, const float* gain, float epsilon, int columns) {
    norm_row(y, x, branch, gain, epsilon, columns);
}
