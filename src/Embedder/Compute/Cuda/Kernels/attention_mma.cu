// attention_bf16 on the matrix units, for heads of a multiple of 16 numbers up to 128. The same tiles: 4 warps have 16 queries each; keys and
// values come 32 at a time through shared memory, their rows 8 numbers longer than a head so that eight rows lie in different banks.
// Layouts are those of mma: g = lane / 4 is a query (or g + 8), q = 2 * (lane % 4) a key or a column. Weights are rounded to bf16, their sum is not.
KERNEL(attention_mma_bf16, 128, bf16* y, const bf16* qkv, const int* tiles, int chunk, int heads, int key_heads, int size) {
    SHARED(bf16, keys);
    int stride = size + 8, g = lane() >> 2, q = 2 * (lane() & 3), key_head = blockIdx.y / (heads / key_heads);
    bf16* values = keys + 32 * stride;
    int start = tiles[3 * blockIdx.x], first = tiles[3 * blockIdx.x + 1], end = first + tiles[3 * blockIdx.x + 2], mine = first + warp() * 16;
    size_t columns = (size_t)(heads + 2 * key_heads) * size;
    const bf16 *of_q = qkv + start * columns + blockIdx.y * size, *of_k = qkv + start * columns + (size_t)(heads + key_head) * size, *of_v = of_k + (size_t)key_heads * size;
    float scale = 1.f / sqrtf((float)size), sums[16][4] = {}, totals[2] = {}, maxima[2] = { -infinity(), -infinity() };
    unsigned queries[8][4];
#pragma unroll
    for (int i = 0; i < 32; i++) {
        int s = i / 4, row = mine + g + i % 2 * 8;
        queries[s][i % 4] = 16 * s < size && row < end ? pair_at(of_q + row * columns + 16 * s + q + i % 4 / 2 * 8) : 0;
    }
    for (int key0 = first / chunk * chunk; key0 < end; key0 += 32) {
        __syncthreads();
        for (int i = threadIdx.x; i < 32 * (size / 8); i += blockDim.x) {
            int row = i / (size / 8), column = i % (size / 8) * 8;
            Bytes16 key = {}, value = {};
            if (key0 + row < end) {
                key = *(const Bytes16*)(of_k + (key0 + row) * columns + column);
                value = *(const Bytes16*)(of_v + (key0 + row) * columns + column);
            }
            *(Bytes16*)(keys + row * stride + column) = key;
            *(Bytes16*)(values + row * stride + column) = value;
        }
        __syncthreads();
        if (mine >= end || key0 > mine + 15 || key0 + 31 < mine / chunk * chunk) continue;
        float scores[4][4] = {};
#pragma unroll
        for (int s = 0; s < 8; s++)
            for (int n = 0; n < 4 && 16 * s < size; n++) {
                unsigned b[2] = { pair_at(keys + (8 * n + g) * stride + 16 * s + q), pair_at(keys + (8 * n + g) * stride + 16 * s + q + 8) };
                mma(scores[n], queries[s], b);
            }
#pragma unroll
        for (int half = 0; half < 2; half++) { // the queries g and g + 8
            int position = mine + g + 8 * half, from = position / chunk * chunk;
            float maximum = maxima[half], total = 0.f;
            for (int n = 0; n < 4; n++)
                for (int j = 0; j < 2; j++) {
                    int key = key0 + 8 * n + q + j;
                    float& score = scores[n][2 * half + j];
                    score = key >= from && key <= position ? score * scale : -infinity();
                    maximum = fmaxf(maximum, score);
                }
            maximum = quad_max(maximum);
            // A query that has seen no key yet has no maximum to subtract.
            float base = maximum == -infinity() ? 0.f : maximum, down = expf(maxima[half] - base);
            for (int n = 0; n < 4; n++)
                for (int j = 2 * half; j < 2 * half + 2; j++) total += scores[n][j] = expf(scores[n][j] - base);
            maxima[half] = maximum;
            totals[half] = totals[half] * down + quad_sum(total);
#pragma unroll
            for (int n = 0; n < 16; n++) { sums[n][2 * half] *= down; sums[n][2 * half + 1] *= down; }
        }
        for (int s = 0; s < 2; s++) { // 16 keys
            unsigned a[4] = { narrow_pair(scores[2 * s][0], scores[2 * s][1]), narrow_pair(scores[2 * s][2], scores[2 * s][3]),
                narrow_pair(scores[2 * s + 1][0], scores[2 * s + 1][1]), narrow_pair(scores[2 * s + 1][2], scores[2 * s + 1][3]) };
#pragma unroll
            for (int n = 0; n < 16; n += 2) { // 16 columns
                if (8 * n >= size) continue;
                unsigned b[4];
                load_turned(values + (16 * s + lane() % 16) * stride + 8 * n + lane() / 16 * 8, b);
                mma(sums[n], a, b);
                mma(sums[n + 1], a, b + 2);
            }
        }
    }
#pragma unroll
    for (int n = 0; n < 16; n++)
        for (int half = 0; half < 2; half++) {
            int position = mine + g + 8 * half;
            if (8 * n < size && position < end)
                *(unsigned*)(y + (size_t)(start + position) * heads * size + blockIdx.y * size + 8 * n + q) = narrow_pair(sums[n][2 * half] / totals[half], sums[n][2 * half + 1] / totals[half]);
        }
}
