// a = gate / (1 + exp(-gate)) * up; a row is gate [width] then up [width]. A row a block.

template <class N> __device__ static void swiglu_row(N* a, const N* gate_up, int width) {
    const N *gate = gate_up + (size_t)blockIdx.x * 2 * width, *up = gate + width;
    for (int i = threadIdx.x; i < (width + 7) / 8; i += blockDim.x) {
        Eight g = load_eight(gate, i, width), u = load_eight(up, i, width);
        for (int j = 0; j < 8; j++) g.v[j] = g.v[j] / (1.f + expf(-g.v[j])) * u.v[j];
        store_eight(a + (size_t)blockIdx.x * width, i, width, g);
    }
}

KERNEL(swiglu_f32, 256, float* a, const float* gate_up, int width) { swiglu_row(a, gate_up, width); }
KERNEL(swiglu_bf16, 256, bf16* a, const bf16* gate_up, int width) { swiglu_row(a, gate_up, width); }
