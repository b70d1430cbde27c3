// Causal softmax attention of packed sequences on plain multiply-adds: float32, and bf16 heads that the matrix units do not fit.
// Grid: tiles (first row of the sequence, first query, queries) by heads. 16 warps have 4 queries each; keys come 32 at a time, a key a lane.
// Online softmax: sums so far are brought down to each new maximum. chunk: a query sees its own chunk of positions only.

template <class N> __device__ static void attend(N* y, const N* qkv, const int* tiles, int chunk, int heads, int key_heads, int size) {
    SHARED(float, keys); // [32, size + 1], then a query of each warp
    float* query = keys + 32 * (size + 1) + warp() * size;
    int start = tiles[3 * blockIdx.x], first = tiles[3 * blockIdx.x + 1], count = tiles[3 * blockIdx.x + 2], end = first + count;
    size_t columns = (size_t)(heads + 2 * key_heads) * size;
    int key_head = blockIdx.y / (heads / key_heads);
    const N *q = qkv + start * columns + blockIdx.y * size, *k = qkv + start * columns + (size_t)(heads + key_head) * size, *v = k + (size_t)key_heads * size;
    float scale = 1.f / sqrtf((float)size), sums[4][4] = {}, totals[4] = {}, maxima[4];
    for (int j = 0; j < 4; j++) maxima[j] = -infinity();
    for (int key0 = first / chunk * chunk; key0 < end; key0 += 32) {
        __syncthreads();
        for (int i = threadIdx.x; i < 32 * size; i += blockDim.x)
            if (key0 + i / size < end) keys[i / size * (size + 1) + i % size] = widen(k[(key0 + i / size) * columns + i % size]);
        __syncthreads();
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int position = first + warp() * 4 + j, from = position / chunk * chunk, key = key0 + lane();
            if (position >= end || key0 > position || key0 + 31 < from) continue;
            __syncwarp();
            for (int i = lane(); i < size; i += 32) query[i] = widen(q[position * columns + i]);
            __syncwarp();
            bool is_seen = key >= from && key <= position;
            float score = 0.f;
            if (is_seen) for (int i = 0; i < size; i++) score += query[i] * keys[lane() * (size + 1) + i];
            score = is_seen ? score * scale : -infinity();
            float maximum = fmaxf(maxima[j], warp_max(score)), down = expf(maxima[j] - maximum), weight = expf(score - maximum);
            maxima[j] = maximum;
            totals[j] = totals[j] * down + warp_sum(weight);
            for (int i = 0; i < 4; i++) sums[j][i] *= down;
            for (int l = from > key0 ? from - key0 : 0; l < 32 && key0 + l <= position; l++) {
                float w = __shfl_sync(AllLanes, weight, l);
#pragma unroll
                for (int i = 0; i < 4; i++)
                    if (lane() + 32 * i < size) sums[j][i] += w * widen(v[(key0 + l) * columns + lane() + 32 * i]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < 4; j++) {
        int position = first + warp() * 4 + j;
        if (position >= end) continue;
        N* to = y + (size_t)(start + position) * heads * size + blockIdx.y * size;
        for (int i = 0; i < 4; i++)
            if (lane() + 32 * i < size) narrow(sums[j][i] / totals[j], to + lane() + 32 * i);
    }
}

KERNEL(attention_f32, 512, float* y, const float* qkv, const int* tiles, int chunk, int heads, int key_heads, int size) {
    attend(y, qkv, tiles, chunk, heads, key_heads, size);
}
KERNEL(attention_bf16, 512, bf16* y, const bf16* qkv, const int* tiles, int chunk, int heads, int key_heads, int size) {
    attend(y, qkv, tiles, chunk, heads, key_heads, size);
}
