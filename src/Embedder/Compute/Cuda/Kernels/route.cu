// The expert with the largest logit, the lowest index among equals, and the sigmoid of that logit. A token a warp.
// A NaN never wins, except the first logit's, which nothing is larger than: as in the CPU's loop.

KERNEL(route, 128, int* experts_of, float* scores, const float* logits, int rows, int experts) {
    int row = blockIdx.x * warps() + warp();
    if (row >= rows) return;
    const float* of_row = logits + (size_t)row * experts;
    float best = -infinity();
    int at = 0;
    for (int expert = lane(); expert < experts; expert += 32) {
        float logit = of_row[expert];
        if (logit != logit) logit = expert == 0 ? infinity() : -infinity();
        // A lane's first logit counts even if it is the lowest there is.
        if (expert == lane() || logit > best) { best = logit; at = expert; }
    }
    for (int apart = 16; apart > 0; apart >>= 1) {
        float other = __shfl_xor_sync(AllLanes, best, apart);
        int other_at = __shfl_xor_sync(AllLanes, at, apart);
        if (other > best || (other == best && other_at < at)) { best = other; at = other_at; }
    }
    if (lane() == 0) {
        experts_of[row] = at;
        scores[row] = 1.f / (1.f + expf(-of_row[at]));
    }
}
