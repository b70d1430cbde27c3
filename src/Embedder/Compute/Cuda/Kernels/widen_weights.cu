// Stored weights to numbers [n, k], times each output's scale where there is one. Grid: tiles of 32 inputs by tiles of 32 outputs; 8 rows of 32
// threads. Weights that lie input by input go through shared memory, so that both sides are read and written along their rows.

template <class N> __device__ static void widen_tile(N* to, const void* from, const float* scales, int stored, int n, int k, int is_input_major) {
    SHARED(float, tile);
    int k0 = blockIdx.x * 32, n0 = blockIdx.y * 32, x = lane();
    for (int y = warp(); y < 32; y += warps()) {
        int row = is_input_major ? n0 + x : n0 + y, column = is_input_major ? k0 + y : k0 + x;
        if (row >= n || column >= k) continue;
        tile[is_input_major ? x * 33 + y : y * 33 + x] = load_stored(from, stored, is_input_major ? (size_t)column * n + row : (size_t)row * k + column);
    }
    __syncthreads();
    for (int y = warp(); y < 32; y += warps()) {
        int row = n0 + y, column = k0 + x;
        if (row < n && column < k) narrow(scales ? tile[y * 33 + x] * scales[row] : tile[y * 33 + x], to + (size_t)row * k + column);
    }
}

KERNEL(widen_weights_f32, 256, float* to, const void* from, const float* scales, int stored, int n, int k, int is_input_major) {
    widen_tile(to, from, scales, stored, n, k, is_input_major);
}
KERNEL(widen_weights_bf16, 256, bf16* to, const void* from, const float* scales, int stored, int n, int k, int is_input_major) {
    widen_tile(to, from, scales, stored, n, k, is_input_major);
}
