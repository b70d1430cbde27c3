// Bytes [k, n] to [n, k]. Grid: tiles of 32 inputs by tiles of 32 outputs; 8 rows of 32 threads.

KERNEL(transpose_bytes, 256, e4m3* to, const e4m3* from, int n, int k) {
    SHARED(e4m3, tile);
    int k0 = blockIdx.x * 32, n0 = blockIdx.y * 32, x = lane();
    for (int y = warp(); y < 32; y += warps())
        if (k0 + y < k && n0 + x < n) tile[x * 33 + y] = from[(size_t)(k0 + y) * n + n0 + x];
    __syncthreads();
    for (int y = warp(); y < 32; y += warps())
        if (n0 + y < n && k0 + x < k) to[(size_t)(n0 + y) * k + k0 + x] = tile[y * 33 + x];
}
