// Rows to e4m3 with a scale each, max|x| / 448: Fp8Rounding.Round. With an order, row r is x[order[r]] times that token's score, so that the
// score costs no pass and no rounding of its own. A row a block.

__device__ static inline void store_codes(e4m3* row, int pack, int columns, const Eight& from, float scale) {
    if (columns % 8 == 0) {
        uint2 codes = make_uint2(0, 0);
        for (int j = 0; j < 4; j++) {
            codes.x |= (unsigned)narrow_e4m3(from.v[j] / scale) << 8 * j;
            codes.y |= (unsigned)narrow_e4m3(from.v[4 + j] / scale) << 8 * j;
        }
        ((uint2*)row)[pack] = codes;
    } else for (int j = 0; j < 8 && 8 * pack + j < columns; j++) row[8 * pack + j] = narrow_e4m3(from.v[j] / scale);
}

template <class N> __device__ static void quantize_row(e4m3* y, float* scales, const N* x, const int* order, const float* scores, int columns) {
    SHARED(float, each_warp);
    size_t token = order ? order[blockIdx.x] : blockIdx.x;
    float score = order && scores ? scores[token] : 1.f, largest = 0.f;
    int packs = (columns + 7) / 8;
    for (int i = threadIdx.x; i < packs; i += blockDim.x) {
        Eight v = load_eight(x + token * columns, i, columns);
        for (int j = 0; j < 8; j++) largest = fmaxf(largest, fabsf(v.v[j] * score));
    }
    float scale = e4m3_scale(block_max(largest, each_warp));
    for (int i = threadIdx.x; i < packs; i += blockDim.x) {
        Eight v = load_eight(x + token * columns, i, columns);
        for (int j = 0; j < 8; j++) v.v[j] *= score;
        store_codes(y + (size_t)blockIdx.x * columns, i, columns, v, scale);
    }
    if (threadIdx.x == 0) scales[blockIdx.x] = scale;
}

KERNEL(quantize_rows_f32, 1024, e4m3* y, float* scales, const float* x, const int* order, const float* scores, int columns) {
    quantize_row(y, scales, x, order, scores, columns);
}
KERNEL(quantize_rows_bf16, 1024, e4m3* y, float* scales, const bf16* x, const int* order, const float* scores, int columns) {
    quantize_row(y, scales, x, order, scores, columns);
}
