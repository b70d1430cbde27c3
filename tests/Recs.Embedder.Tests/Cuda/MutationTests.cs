using Recs.Embedder.Compute.Cuda.Kernels;
using Recs.Embedder.Tests.Cuda.Cases;
using Recs.Embedder.Tests.Cuda.Simulator;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>
/// Are the kernels' cases worth anything? Each mistake here is planted in a kernel's text, and one of its file's cases must fail: a wrong
/// result, a divergence, a deadlock or a step outside a buffer. A mistake whose place is no longer in the text fails, so that the list stays true.
/// </summary>
public sealed class MutationTests(MutationTests.Programs programs) : IClassFixture<MutationTests.Programs>
{
    /// <summary>File whose cases run, the text there (or in the prelude), what it becomes.</summary>
    private static readonly (string File, string From, string To)[] Mutations =
    [
        ("add.cu", "count - first < 8 ? count - first : 8", "8"),
        ("add.cu", "sum.v[j] += more.v[j]", "sum.v[j] = more.v[j]"),
        ("add.cu", "for (int j = 0; j < 8 && 8 * pack + j < columns; j++) row[8 * pack + j] = from.v[j];", "for (int j = 0; j < 8; j++) row[8 * pack + j] = from.v[j];"),
        ("embed.cu", "(size_t)ids[blockIdx.x] * columns", "(size_t)blockIdx.x * columns"),
        ("embed.cu", "(bits & 0x7fffu) << 13) * 0x1p112f", "(bits & 0x7fffu) << 13 | 1u) * 0x1p112f"),
        ("norm.cu", "if (lane() == 0) each_warp[warp()] = value;\n    __syncthreads();\n    return warp_sum", "if (lane() == 0) each_warp[warp()] = value;\n    return warp_sum"),
        ("norm.cu", "/ columns + epsilon", "/ (columns + 1) + epsilon"),
        ("norm.cu", "            store_eight(x + row, i, columns, v);\n", ""),
        ("norm.cu", "v.v[j] * scale * g.v[j]", "v.v[j] * scale"),
        ("norm.cu", "apart = 16; apart > 0; apart >>= 1) value += ", "apart = 8; apart > 0; apart >>= 1) value += "),
        ("pool.cu", "starts[blockIdx.x + 1] - skip_last", "starts[blockIdx.x + 1]"),
        ("pool.cu", "if (first >= end) { *to = 0.f; return; }", ""),
        ("pool.cu", "if (column >= columns) return;", ""),
        ("queries_keys.cu", "pair.real * turn.imaginary + pair.imaginary * turn.real", "pair.real * turn.imaginary - pair.imaginary * turn.real"),
        ("queries_keys.cu", "if (i + 1 < size) narrow(pair.imaginary", "narrow(pair.imaginary"),
        ("queries_keys.cu", "factors && head < heads", "factors"),
        ("queries_keys.cu", "if (row >= rows) return;", ""),
        ("queries_keys.cu", "cos_sin + (size_t)position * size", "cos_sin + (size_t)row * size"),
        ("attention.cu", "        __syncthreads();\n#pragma unroll", "#pragma unroll"),
        ("attention.cu", "key >= from && key <= position", "key <= position"),
        ("attention.cu", "sums[j][i] *= down", "sums[j][i] *= 1.f"),
        ("attention.cu", "blockIdx.y / (heads / key_heads)", "blockIdx.y % key_heads"),
        ("attention.cu", "if (lane() + 32 * i < size) narrow(", "narrow("),
        ("attention.cu", "            bool is_seen", "            if (lane() > 0) __syncwarp();\n            bool is_seen"),
        ("attention_mma.cu", "16 * s + q + i % 4 / 2 * 8", "16 * s + q"),
        ("attention_mma.cu", "key >= from && key <= position", "key >= from && key < position"),
        ("attention_mma.cu", "maximum == -infinity() ? 0.f : maximum", "maximum"),
        ("attention_mma.cu", "        __syncthreads();\n        if (mine", "        if (mine"),
        ("attention_mma.cu", "(16 * s + lane() % 16) * stride", "(16 * s + lane() % 8) * stride"),
        ("attention_mma.cu", "row < end ? pair_at", "true ? pair_at"),
        ("route.cu", "other == best && other_at < at", "other == best && other_at > at"),
        ("route.cu", "expert == lane() || logit > best", "expert == lane() || logit >= best"),
        ("route.cu", "if (logit != logit) logit = expert == 0 ? infinity() : -infinity();", ""),
        ("route.cu", "1.f + expf(-of_row[at])", "1.f + expf(of_row[at])"),
        ("sort_experts.cu", "less += experts_of[row] < expert", "less += experts_of[row] <= expert"),
        ("sort_experts.cu", "if (w < warp()) before", "if (w <= warp()) before"),
        ("sort_experts.cu", "        if (lane() == 0) each_warp[warp()].x = __popc(mine);\n        __syncthreads();", "        if (lane() == 0) each_warp[warp()].x = __popc(mine);"),
        ("sort_experts.cu", "starts[experts] = rows", "starts[experts + 1] = rows"),
        ("gather.cu", "scores[token]", "scores[blockIdx.x]"),
        ("gather.cu", "(columns + 7) / 8", "columns / 8"),
        ("scatter_add.cu", "(size_t)order[blockIdx.x] * columns", "(size_t)blockIdx.x * columns"),
        ("scatter_add.cu", "sum.v[j] += more.v[j]", "sum.v[j] -= more.v[j]"),
        ("swiglu.cu", "2 * width, *up", "width, *up"),
        ("swiglu.cu", "expf(-g.v[j])", "expf(g.v[j])"),
        ("quantize_rows.cu", "fabsf(v.v[j] * score)", "fabsf(v.v[j])"),
        ("quantize_rows.cu", "u = u + 0x7ffffu + (u >> 20 & 1u)", "u = u + 0x80000u"),
        ("quantize_rows.cu", "fmaxf(value, __shfl_xor_sync(AllLanes, value, apart))", "__shfl_xor_sync(AllLanes, value, apart)"),
        ("quantize_rows.cu", "code ? sign | code : 0u", "sign | code"),
        ("quantize_weights.cu", "        if (x == 0) scales[row]", "        if (x == 1) scales[row + 1]"),
        ("quantize_weights.cu", "    for (int k0 = 0; k0 < k; k0 += 32) {\n        __syncthreads();", "    for (int k0 = 0; k0 < k; k0 += 32) {"),
        ("quantize_weights.cu", "tile[is_input_major ? x * 33 + y : y * 33 + x] =", "tile[y * 33 + x] ="),
        ("widen_weights.cu", "tile[y * 33 + x] * scales[row]", "tile[y * 33 + x] * scales[column % n]"),
        ("widen_weights.cu", "    __syncthreads();\n", ""),
        ("widen_weights.cu", "if (row >= n || column >= k) continue;", "if (row >= n) continue;"),
        ("transpose_bytes.cu", "    __syncthreads();\n", ""),
        ("transpose_bytes.cu", "if (k0 + y < k && n0 + x < n)", "if (k0 + y < k)"),
        ("first_not_finite.cu", "i < count && ", "i <= count && "),
        ("first_not_finite.cu", "offset + i", "i"),
        ("first_not_finite.cu", "& 0x7c00u) != 0x7c00u", "& 0x7fffu) != 0x7fffu"),
        ("expert_stream.cu", "        __syncthreads();\n        // Neighbouring", "        // Neighbouring"),
        ("expert_stream.cu", "sum * x_scales[row + r] * w_scales[output + o]", "sum * w_scales[output + o]"),
        ("expert_stream.cu", "sixteen(w, output + g + 8, n, column, k)", "sixteen(w, output + g, n, column, k)"),
        ("expert_stream.cu", "row += 8 * Tiles", "row += 16 * Tiles"),
        ("expert_stream.cu", "row + r >= end || output + o >= n", "row + r >= end"),
        ("expert_stream.cu", "part < warps()", "part < 1"),
        ("expert_stream.cu", "(apart & 0x7f007f00u) >> 4, 0x7b807b80u", "(apart & 0x7f007f00u) >> 4, 0x7b007b80u"),
        ("expert_stream.cu", "from.u[i / 2] >> 16 * (i % 2)", "from.u[i / 2]"),
        ("expert_stream_f32.cu", "end - row < 8 ? end - row : 8", "8"),
        ("expert_stream_f32.cu", "float sum = warp_sum(sums[r])", "float sum = sums[r]"),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Mutations.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void Kernel_WithAMistake_FailsACase(int mutation)
    {
        SimulatorBuild.Need();
        var (file, from, to) = Mutations[mutation];
        using var process = new SimulatorProcess(programs.Of(mutation));
        foreach (var one in KernelCase.All.Where(one => one.File == file))
            foreach (var order in new[] { 0, 1 })
                try
                {
                    one.Run(new CheckedDevice(process, order));
                }
                catch (CaseFailedException)
                {
                    return;
                }
        Assert.Fail($"{file}: no case noticed that\n{from}\nbecame\n{to}");
    }

    [Fact]
    public void Mutations_OfEveryKernelFile_AreInTheList() => Assert.Equal(KernelSource.Names, Mutations.Select(mutation => mutation.File).Distinct().Order(StringComparer.Ordinal));

    /// <summary>A program for each mutation, with only its file's kernels; made two at a time. One that cannot be made fails its own test alone.</summary>
    public sealed class Programs
    {
        private readonly Lazy<Task<string>[]> _programs = new(() =>
        {
            var programs = new Task<string>[Mutations.Length];
            Parallel.For(0, programs.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, mutation =>
            {
                try
                {
                    programs[mutation] = Task.FromResult(Build(mutation));
                }
                catch (InvalidOperationException error)
                {
                    programs[mutation] = Task.FromException<string>(error);
                }
            });
            return programs;
        });

        internal string Of(int mutation) => _programs.Value[mutation].GetAwaiter().GetResult();

        private static string Build(int mutation)
        {
            var (file, from, to) = Mutations[mutation];
            var text = $"{KernelSource.Prelude}#line 1 \"{file}\"\n{KernelSource.Read(file)}\n";
            return text.Contains(from, StringComparison.Ordinal) ? SimulatorBuild.BuildChecked(text.Replace(from, to, StringComparison.Ordinal))
                : throw new InvalidOperationException($"{file} no longer contains the place of mutation {mutation}; write it anew:\n{from}");
        }
    }
}
