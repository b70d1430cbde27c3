// expert_stream in float32, the reference: y[r, n] = sum over k of x[r, k] * w[e][n, k]. The same grid: 16 outputs by experts; each of four warps
// has 4 outputs and its lanes share k. 8 rows of x are held at once.

KERNEL(expert_stream_f32, 128, float* y, const float* x, const float* const* weights, const int* starts, int n, int k) {
    int first = starts[blockIdx.y], end = starts[blockIdx.y + 1];
    for (int output = blockIdx.x * 16 + warp(); output < n && output < (int)blockIdx.x * 16 + 16; output += warps()) {
        const float* w = weights[blockIdx.y] + (size_t)output * k;
        for (int row = first; row < end; row += 8) {
            int rows = end - row < 8 ? end - row : 8;
            float sums[8] = {};
            for (int i = lane(); i < k; i += 32)
                for (int r = 0; r < rows; r++) sums[r] += x[(size_t)(row + r) * k + i] * w[i];
            for (int r = 0; r < rows; r++) {
                float sum = warp_sum(sums[r]);
                if (lane() == 0) y[(size_t)(row + r) * n + output] = sum;
            }
        }
    }
}
