using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute;

/// <summary>The managed backend: float32 arithmetic on packed panels. The reference for every other backend, and the embedded default.</summary>
/// <param name="team">The threads that share a large operation; a team of one computes on the caller's.</param>
/// <param name="precision">What matrix products compute with.</param>
internal sealed unsafe class CpuCompute(WorkerTeam team, Precision precision = Precision.Float32) : ICompute
{
    private readonly CpuProducts _products = new(team, precision);
    private readonly AttentionJob _attention = new(team.Size);
    private readonly Dictionary<(string Use, int Columns), CpuTensor> _scratch = [];

    public Tensor Allocate(int columns) => new CpuTensor(columns);

    public void Embed(EmbeddingTable table, PackedBatch batch, Tensor x_td)
    {
        x_td.Fit(batch.Tokens);
        var x = (CpuTensor)x_td;
        for (var t = 0; t < batch.Tokens; t++) ((CpuEmbeddingTable)table).CopyRow(batch.Ids[t], new Span<float>(x.Row(t), x.Columns));
    }

    public void RmsNorm(Tensor x_td, Vector gain_d, float epsilon, Tensor y_td, bool isResult = false)
    {
        y_td.Fit(x_td.Rows);
        var (x, y) = ((CpuTensor)x_td, (CpuTensor)y_td);
        fixed (float* gain = ((CpuVector)gain_d).Values)
            for (var t = 0; t < x.Rows; t++) RowKernels.RmsNorm(x.Row(t), gain, epsilon, y.Row(t), x.Columns);
    }

    public void Linear(Tensor x_tk, Matrix w_nk, Tensor y_tn) => Linear(x_tk, w_nk, y_tn, isRounded: true);

    public void PrepareQueriesAndKeys(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, QueryKeyStep step) =>
        QueryKeyKernel.Run((CpuTensor)qkv_tc, shape, batch, step);

    public void Attention(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, int? chunk, Tensor y_tq)
    {
        y_tq.Fit(batch.Tokens);
        _attention.Set((CpuTensor)qkv_tc, shape, batch, chunk, (CpuTensor)y_tq);
        var work = (long)batch.LongestSequence * batch.Tokens * shape.QueryColumns;
        if (work < CpuProducts.ParallelThreshold) _attention.RunAll();
        else team.Run(_attention, _attention.Pieces);
    }

    public void Route(Tensor x_td, Matrix router_ed, Tensor logits_te, Routing routing)
    {
        Linear(x_td, router_ed, logits_te, isRounded: false);
        var logits = (CpuTensor)logits_te;
        routing.Fit(logits.Rows);
        for (var t = 0; t < logits.Rows; t++)
        {
            var row_e = logits.Row(t);
            var best = 0;
            for (var expert = 1; expert < logits.Columns; expert++)
                if (row_e[expert] > row_e[best]) best = expert;
            routing.Experts[t] = best;
            routing.Scores[t] = RowKernels.Sigmoid(row_e[best]);
        }
        routing.Sort();
    }

    public void AddExperts(Tensor x_td, Routing routing, int firstExpert, ReadOnlySpan<ExpertWeights> experts, Tensor y_td)
    {
        var (x, y) = ((CpuTensor)x_td, (CpuTensor)y_td);
        for (var e = 0; e < experts.Length; e++)
        {
            var (first, rows) = routing.RowsOf(firstExpert + e);
            if (rows == 0) continue;
            var weights = experts[e];
            var tokens = routing.Order.Slice(first, rows);
            var x_rd = Scratch(nameof(x_td), rows, x.Columns);
            for (var r = 0; r < rows; r++) RowKernels.Scale(x.Row(tokens[r]), routing.Scores[tokens[r]], x_rd.Row(r), x.Columns);
            var (gateUp_rf, a_ri) = (Scratch(nameof(weights.GateUp_fd), rows, weights.GateUp_fd.Outputs), Scratch(nameof(SwiGlu), rows, weights.Down_di.Inputs));
            Linear(x_rd, weights.GateUp_fd, gateUp_rf);
            SwiGlu(gateUp_rf, a_ri);
            var y_rd = Scratch(nameof(y_td), rows, weights.Down_di.Outputs);
            Linear(a_ri, weights.Down_di, y_rd);
            for (var r = 0; r < rows; r++) RowKernels.AddScaled(y.Row(tokens[r]), y_rd.Row(r), 1f, y.Columns);
        }
    }

    public void SwiGlu(Tensor gateUp_tf, Tensor a_ti)
    {
        a_ti.Fit(gateUp_tf.Rows);
        var (gateUp, a) = ((CpuTensor)gateUp_tf, (CpuTensor)a_ti);
        for (var t = 0; t < a.Rows; t++) RowKernels.SwiGlu(gateUp.Row(t), gateUp.Row(t) + a.Columns, a.Row(t), a.Columns);
    }

    public void Add(Tensor x_td, Tensor y_td)
    {
        var (x, y) = ((CpuTensor)x_td, (CpuTensor)y_td);
        for (var t = 0; t < x.Rows; t++) RowKernels.AddScaled(x.Row(t), y.Row(t), 1f, x.Columns);
    }

    public void Pool(Tensor x_td, PackedBatch batch, Pooling pooling, PooledRange range, Span<float> to_sd)
    {
        var x = (CpuTensor)x_td;
        fixed (float* to = to_sd)
        {
            for (var s = 0; s < batch.Sequences; s++)
            {
                var (first, end) = (batch.Starts[s] + range.SkipFirst, batch.Starts[s + 1] - range.SkipLast);
                PoolingKernel.Run(x.Row(first), end - first, x.Columns, pooling, to + (nint)s * x.Columns);
            }
        }
    }

    public void Download(Tensor x_td, Span<float> to) => ((CpuTensor)x_td).Span.CopyTo(to);

    private void Linear(Tensor x_tk, Matrix w_nk, Tensor y_tn, bool isRounded)
    {
        y_tn.Fit(x_tk.Rows);
        _products.Multiply(((CpuTensor)x_tk).Pointer, x_tk.Rows, (PackedMatrix)w_nk, isRounded, ((CpuTensor)y_tn).Pointer);
    }

    private CpuTensor Scratch(string use, int rows, int columns)
    {
        if (!_scratch.TryGetValue((use, columns), out var tensor)) _scratch[(use, columns)] = tensor = new CpuTensor(columns);
        tensor.Fit(rows);
        return tensor;
    }
}
