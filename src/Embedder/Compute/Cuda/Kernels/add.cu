// x += branch: float32 += numbers, over all of a batch's numbers as one row. Grid: blocks of 256 threads, 8 numbers each.

template <class N> __device__ static void add_numbers(float* x, const N* branch, long long count) {
    long long first = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * 8;
    if (first >= count) return;
    // As a row of eight where it is whole: such a pack is read at once.
    int here = (int)(count - first < 8 ? count - first : 8);
    Eight sum = load_eight(x + first, 0, here), more = load_eight(branch + first, 0, here);
    for (int j = 0; j < 8; j++) sum.v[j] += more.v[j];
    store_eight(x + first, 0, here, sum);
}

KERNEL(add_f32, 256, float* x, const float* branch, long long count) { add_numbers(x, branch, count); }
KERNEL(add_bf16, 256, float* x, const bf16* branch, long long count) { add_numbers(x, branch, count); }
