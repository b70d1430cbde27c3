// The least index of a stored number that is NaN or infinite, into *first if that holds a larger one. A minimum is the same in any order, so
// this one atomic shows no order. Grid: blocks of 256 threads, 8 numbers each.

__device__ static inline bool is_finite(const void* from, int stored, long long i) {
    switch (stored) {
        case StoredF32: return (((const unsigned*)from)[i] & 0x7f800000u) != 0x7f800000u;
        case StoredBF16: return (((const unsigned short*)from)[i] & 0x7f80u) != 0x7f80u;
        case StoredF16: return (((const unsigned short*)from)[i] & 0x7c00u) != 0x7c00u;
        default: return (((const e4m3*)from)[i] & 0x7fu) != 0x7fu;
    }
}

KERNEL(first_not_finite, 256, unsigned long long* first, const void* from, int stored, long long count, long long offset) {
    long long start = (long long)blockIdx.x * blockDim.x * 8;
    for (int j = 0; j < 8; j++) {
        long long i = start + (long long)j * blockDim.x + threadIdx.x;
        if (i < count && !is_finite(from, stored, i)) { atomicMin(first, (unsigned long long)(offset + i)); return; }
    }
}
