// Stored weights to e4m3 [n, k] with a scale an output, max|w| / 448: Fp8Rounding.Round on each row. A block has 32 outputs and 8 rows of 32
// threads; it reads their weights twice, first for the largest, then a tile of 32 x 32 at a time, which is turned where it must be.

__device__ static inline float weight(const void* from, int stored, int n, int k, int is_input_major, int row, int column) {
    return load_stored(from, stored, is_input_major ? (size_t)column * n + row : (size_t)row * k + column);
}

KERNEL(quantize_weights, 256, e4m3* to, float* scales, const void* from, int stored, int n, int k, int is_input_major) {
    SHARED(float, tile);
    int n0 = blockIdx.x * 32, x = lane();
    // Where the file's rows are outputs a warp goes along four of them in turn, where they are inputs a lane keeps to one output.
    if (is_input_major) {
        float largest = 0.f;
        for (int column = warp(); n0 + x < n && column < k; column += warps()) largest = fmaxf(largest, fabsf(weight(from, stored, n, k, 1, n0 + x, column)));
        tile[warp() * 33 + x] = largest;
        __syncthreads();
        for (int w = 0; w < warps(); w++) largest = fmaxf(largest, tile[w * 33 + x]);
        if (warp() == 0 && n0 + x < n) scales[n0 + x] = e4m3_scale(largest);
    } else for (int row = n0 + warp(); row < n && row < n0 + 32; row += warps()) {
        float largest = 0.f;
        for (int column = x; column < k; column += 32) largest = fmaxf(largest, fabsf(weight(from, stored, n, k, 0, row, column)));
        largest = warp_max(largest);
        if (x == 0) scales[row] = e4m3_scale(largest);
    }
    for (int k0 = 0; k0 < k; k0 += 32) {
        __syncthreads();
        for (int y = warp(); y < 32; y += warps()) {
            int row = is_input_major ? n0 + x : n0 + y, column = is_input_major ? k0 + y : k0 + x;
            if (row < n && column < k) tile[is_input_major ? x * 33 + y : y * 33 + x] = weight(from, stored, n, k, is_input_major, row, column);
        }
        __syncthreads();
        for (int y = warp(); y < 32; y += warps()) {
            int row = n0 + y, column = k0 + x;
            if (row < n && column < k) to[(size_t)row * k + column] = narrow_e4m3(tile[y * 33 + x] / scales[row]);
        }
    }
}
