// Tokens sorted by expert, within one in their own order: starts[experts + 1], order[rows]. A block an expert: it counts the tokens of lower
// experts, then gives its own tokens their places. No atomics, so the order is the same in every run. Every block reads all choices, which
// are few beside a layer's weights.

// The sums over warps of two counts, for every thread.
__device__ static int2 sums_over_block(int less, int same, int2* each_warp) {
    for (int apart = 16; apart > 0; apart >>= 1) { less += __shfl_xor_sync(AllLanes, less, apart); same += __shfl_xor_sync(AllLanes, same, apart); }
    __syncthreads();
    if (lane() == 0) each_warp[warp()] = make_int2(less, same);
    __syncthreads();
    int2 sum = make_int2(0, 0);
    for (int w = 0; w < warps(); w++) { sum.x += each_warp[w].x; sum.y += each_warp[w].y; }
    return sum;
}

KERNEL(sort_experts, 1024, int* starts, int* order, const int* experts_of, int rows, int experts) {
    SHARED(int2, each_warp);
    int expert = blockIdx.x, less = 0, same = 0;
    for (int row = threadIdx.x; row < rows; row += blockDim.x) {
        less += experts_of[row] < expert;
        same += experts_of[row] == expert;
    }
    int2 counts = sums_over_block(less, same, each_warp);
    if (threadIdx.x == 0) {
        starts[expert] = counts.x;
        if (expert == experts - 1) starts[experts] = rows;
    }
    int place = counts.x;
    for (int first = 0; first < rows; first += blockDim.x) {
        int row = first + threadIdx.x;
        unsigned mine = __ballot_sync(AllLanes, row < rows && experts_of[row] == expert);
        __syncthreads();
        if (lane() == 0) each_warp[warp()].x = __popc(mine);
        __syncthreads();
        int before = 0, all = 0;
        for (int w = 0; w < warps(); w++) {
            if (w < warp()) before += each_warp[w].x;
            all += each_warp[w].x;
        }
        if (mine >> lane() & 1u) order[place + before + __popc(mine & ((1u << lane()) - 1u))] = row;
        place += all;
    }
}
