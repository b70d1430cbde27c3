// What a device is asked for by name (the simulator has its own), and what the threads of a warp and of a block do together. A block's shared memory is all dynamic: CudaKernels knows its size.

#ifndef RECS_SIMULATOR
#define KERNEL(name, threads, ...) extern "C" __global__ void __launch_bounds__(threads) name(__VA_ARGS__)
extern __shared__ __align__(16) unsigned char dynamic_shared[];
#define SHARED(type, name) type* name = (type*)dynamic_shared

// c[16, 8] += a[16, 16] * b[16, 8] in bf16 with float32 sums. With g = lane / 4 and q = 2 * (lane % 4), a lane holds two neighbours of k in a register:
// a: (g, q) (g + 8, q) (g, q + 8) (g + 8, q + 8); b: (q, g) (q + 8, g); c: (g, q) (g, q + 1) (g + 8, q) (g + 8, q + 1).
__device__ static inline void mma(float c[4], const unsigned a[4], const unsigned b[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Four squares of 8 x 8 bf16 in shared memory, turned: lane l names row l % 8 of square l / 8, 16 bytes at a multiple of 16. With g = lane / 4 and
// q = 2 * (lane % 4), to[i] is then (q, g) and (q + 1, g) of square i, as b of mma wants what lies row by row of k.
__device__ static inline void load_turned(const bf16* row, unsigned to[4]) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3},[%4];"
        : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"((unsigned)__cvta_generic_to_shared(row)) : "memory");
}

// A pair of bf16 times another, each product rounded once; subnormals count, whatever the compiler is told. Minus zero as the summand keeps a sign.
__device__ static inline unsigned multiply_pair(unsigned a, unsigned b) {
    unsigned c;
    asm("fma.rn.bf16x2 %0,%1,%2,%3;" : "=r"(c) : "r"(a), "r"(b), "r"(0x80008000u));
    return c;
}
#endif

// Two e4m3 codes as two bf16, which hold every such number: sign and digits in their places make 2^-120 of it. NaN is no code here: loading
// refuses it, and rounding does not make it.
__device__ static inline unsigned bf16_pair(unsigned codes) {
    unsigned apart = __byte_perm(codes, 0, 0x1404);
    return multiply_pair((apart & 0x80008000u) | (apart & 0x7f007f00u) >> 4, 0x7b807b80u);
}

static constexpr unsigned AllLanes = 0xffffffffu;

__device__ static inline int lane() { return threadIdx.x & 31; }
__device__ static inline int warp() { return threadIdx.x >> 5; }
__device__ static inline int warps() { return blockDim.x >> 5; }

__device__ static inline float warp_sum(float value) {
    for (int apart = 16; apart > 0; apart >>= 1) value += __shfl_xor_sync(AllLanes, value, apart);
    return value;
}
__device__ static inline float warp_max(float value) {
    for (int apart = 16; apart > 0; apart >>= 1) value = fmaxf(value, __shfl_xor_sync(AllLanes, value, apart));
    return value;
}

// Over the four lanes that share a row of mma's result.
__device__ static inline float quad_max(float value) {
    value = fmaxf(value, __shfl_xor_sync(AllLanes, value, 1));
    return fmaxf(value, __shfl_xor_sync(AllLanes, value, 2));
}
__device__ static inline float quad_sum(float value) {
    value += __shfl_xor_sync(AllLanes, value, 1);
    return value + __shfl_xor_sync(AllLanes, value, 2);
}

// For every thread of the block; one float of shared memory a warp. Not twice in a row without a barrier between.
__device__ static inline float block_sum(float value, float* each_warp) {
    value = warp_sum(value);
    if (lane() == 0) each_warp[warp()] = value;
    __syncthreads();
    return warp_sum(lane() < warps() ? each_warp[lane()] : 0.f);
}
__device__ static inline float block_max(float value, float* each_warp) {
    value = warp_max(value);
    if (lane() == 0) each_warp[warp()] = value;
    __syncthreads();
    return warp_max(lane() < warps() ? each_warp[lane()] : each_warp[0]);
}
