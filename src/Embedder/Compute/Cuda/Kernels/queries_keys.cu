// In place on the query and key columns of fused projections [t, queries | keys | values]: neighbours (2i, 2i + 1) are one complex number,
// turned by the position's angle i; then a weightless RMS norm of the head (none for a negative epsilon); then queries are multiplied by
// their position's factor. A head a warp, a pair a lane; a lane reads and writes the same pairs, so nothing waits.

struct alignas(8) Pair { float real, imaginary; };

// In heads of an even size every pair is one load and one store.
__device__ static inline Pair load_pair(const float* x) { return *(const Pair*)x; }
__device__ static inline Pair load_pair(const bf16* x) { unsigned pair = pair_at(x); return { float_of(pair << 16), float_of(pair & 0xffff0000u) }; }
__device__ static inline void store_pair(float* x, Pair pair) { *(Pair*)x = pair; }
__device__ static inline void store_pair(bf16* x, Pair pair) { *(unsigned*)x = narrow_pair(pair.real, pair.imaginary); }

// The turned pair at i. An odd last number has no partner and, as its head is not turned, needs none.
template <class N> __device__ static Pair turned_pair(const N* x, const float* cos_sin, int i, int size) {
    if (size % 2) return { widen(x[i]), i + 1 < size ? widen(x[i + 1]) : 0.f };
    Pair pair = load_pair(x + i);
    if (!cos_sin) return pair;
    Pair turn = load_pair(cos_sin + i);
    return { pair.real * turn.real - pair.imaginary * turn.imaginary, pair.real * turn.imaginary + pair.imaginary * turn.real };
}

template <class N> __device__ static void prepare_head(N* x, const float* cos_sin, float factor, float epsilon, int size) {
    float scale = factor;
    if (epsilon >= 0.f) {
        float squares = 0.f;
        for (int i = 2 * lane(); i < size; i += 64) {
            Pair pair = turned_pair(x, cos_sin, i, size);
            squares += pair.real * pair.real + pair.imaginary * pair.imaginary;
        }
        scale *= 1.f / sqrtf(warp_sum(squares) / size + epsilon);
    }
    for (int i = 2 * lane(); i < size; i += 64) {
        Pair pair = turned_pair(x, cos_sin, i, size);
        pair = { pair.real * scale, pair.imaginary * scale };
        if (size % 2 == 0) store_pair(x + i, pair);
        else {
            narrow(pair.real, x + i);
            if (i + 1 < size) narrow(pair.imaginary, x + i + 1);
        }
    }
}

template <class N> __device__ static void prepare(N* qkv, const int* positions, const float* cos_sin, const float* factors, float epsilon, int rows, int heads, int key_heads, int size) {
    long long job = (long long)blockIdx.x * warps() + warp();
    int heads_a_row = heads + key_heads, row = (int)(job / heads_a_row), head = (int)(job % heads_a_row);
    if (row >= rows) return;
    size_t columns = (size_t)(heads + 2 * key_heads) * size;
    int position = positions[row];
    prepare_head(qkv + row * columns + (size_t)head * size, cos_sin ? cos_sin + (size_t)position * size : nullptr,
        factors && head < heads ? factors[position] : 1.f, epsilon, size);
}

KERNEL(prepare_queries_keys_f32, 256, float* qkv, const int* positions, const float* cos_sin, const float* factors, float epsilon, int rows, int heads, int key_heads, int size) {
    prepare(qkv, positions, cos_sin, factors, epsilon, rows, heads, key_heads, size);
}
KERNEL(prepare_queries_keys_bf16, 256, bf16* qkv, const int* positions, const float* cos_sin, const float* factors, float epsilon, int rows, int heads, int key_heads, int size) {
    prepare(qkv, positions, cos_sin, factors, epsilon, rows, heads, key_heads, size);
}
