// y[r, n] = sum over k of x[r, k] * w[e][n, k] for the rows starts[e] .. starts[e + 1] of each expert; for few rows an expert, when the weights'
// bytes are the time. Grid: 16 outputs by experts. A block reads its 16 rows of weights once for every 32 rows of x; its four warps share k.
// A sum over k may take k in any order, so a lane reads 16 neighbouring bytes of a row, and both factors call them what mma's layout wants.

static constexpr int Tiles = 4; // of 8 rows of x, held at once

// Sixteen bytes of a row as pairs of bf16, two registers a step of mma.
template <class W> struct Pairs;
template <> struct Pairs<bf16> {
    static constexpr int Steps = 2;
    __device__ static unsigned at(const Bytes16& from, int i) { return from.u[i]; }
};
template <> struct Pairs<e4m3> { // every e4m3 number is a bf16 number
    static constexpr int Steps = 4;
    __device__ static unsigned at(const Bytes16& from, int i) { return bf16_pair(from.u[i / 2] >> 16 * (i % 2)); }
};

template <class W> __device__ static inline Bytes16 sixteen(const W* from, int row, int end, int column, int columns) {
    constexpr int Count = 16 / sizeof(W);
    Bytes16 to = {};
    if (row >= end) return to;
    const W* at = from + (size_t)row * columns + column;
    if (columns % Count == 0) return column < columns ? *(const Bytes16*)at : to;
#pragma unroll
    for (int i = 0; i < Count; i++)
        if (column + i < columns) to.u[i * sizeof(W) / 4] |= code_of(at[i]) << 8 * (i * sizeof(W) % 4);
    return to;
}

template <class N, class W> __device__ static void stream(N* y, const W* x, const float* x_scales, const W* w, const float* w_scales, int first, int end, int n, int k) {
    SHARED(float, parts); // [warps, Tiles, lanes, 4]
    constexpr int Steps = Pairs<W>::Steps, Count = 16 / sizeof(W);
    int output = blockIdx.x * 16, g = lane() >> 2, q = lane() & 3;
    for (int row = first; row < end; row += 8 * Tiles) {
        float c[Tiles][4] = {};
        int step_of_k = warps() * 4 * Count, column = (warp() * 4 + q) * Count;
        Bytes16 next_upper = sixteen(w, output + g, n, column, k), next_lower = sixteen(w, output + g + 8, n, column, k);
        for (; column - q * Count < k; column += step_of_k) {
            // The next weights are asked for before these are used: the kernel is as fast as they come.
            Bytes16 upper = next_upper, lower = next_lower;
            next_upper = sixteen(w, output + g, n, column + step_of_k, k);
            next_lower = sixteen(w, output + g + 8, n, column + step_of_k, k);
#pragma unroll
            for (int tile = 0; tile < Tiles; tile++) {
                if (row + 8 * tile >= end) continue;
                Bytes16 rows = sixteen(x, row + 8 * tile + g, end, column, k);
#pragma unroll
                for (int step = 0; step < Steps; step++) {
                    unsigned a[4] = { Pairs<W>::at(upper, 2 * step), Pairs<W>::at(lower, 2 * step), Pairs<W>::at(upper, 2 * step + 1), Pairs<W>::at(lower, 2 * step + 1) };
                    unsigned b[2] = { Pairs<W>::at(rows, 2 * step), Pairs<W>::at(rows, 2 * step + 1) };
                    mma(c[tile], a, b);
                }
            }
        }
        for (int tile = 0; tile < Tiles; tile++)
            for (int j = 0; j < 4; j++) parts[((warp() * Tiles + tile) * 32 + lane()) * 4 + j] = c[tile][j];
        __syncthreads();
        // Neighbouring threads write neighbouring outputs of a row.
        for (int i = threadIdx.x; i < Tiles * 128; i += blockDim.x) {
            int r = i / 16, o = i % 16, from = ((r / 8 * 32) + o % 8 * 4 + r % 8 / 2) * 4 + o / 8 * 2 + r % 2;
            if (row + r >= end || output + o >= n) continue;
            float sum = 0.f;
            for (int part = 0; part < warps(); part++) sum += parts[part * Tiles * 128 + from];
            if (x_scales) sum = sum * x_scales[row + r] * w_scales[output + o];
            narrow(sum, y + (size_t)(row + r) * n + output + o);
        }
        __syncthreads();
    }
}

KERNEL(expert_stream_bf16, 128, bf16* y, const bf16* x, const bf16* const* weights, const int* starts, int n, int k) {
    stream(y, x, nullptr, weights[blockIdx.y], nullptr, starts[blockIdx.y], starts[blockIdx.y + 1], n, k);
}
KERNEL(expert_stream_fp8_bf16, 128, bf16* y, const e4m3* x, const float* x_scales, const e4m3* const* weights, const float* const* scales, const int* starts, int n, int k) {
    stream(y, x, x_scales, weights[blockIdx.y], scales[blockIdx.y], starts[blockIdx.y], starts[blockIdx.y + 1], n, k);
}
KERNEL(expert_stream_fp8_f32, 128, float* y, const e4m3* x, const float* x_scales, const e4m3* const* weights, const float* const* scales, const int* starts, int n, int k) {
    stream(y, x, x_scales, weights[blockIdx.y], scales[blockIdx.y], starts[blockIdx.y], starts[blockIdx.y + 1], n, k);
}
