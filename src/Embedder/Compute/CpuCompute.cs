using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>The managed backend: float32 on packed panels. The reference for every other backend, and the embedded default.</summary>
internal sealed unsafe class CpuCompute(int threads) : ICompute
{
    /// <summary>Multiply-adds below which handing work to other threads costs more than it saves.</summary>
    private const long ParallelThreshold = 1 << 21;

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = threads };
    private readonly ExpertScratch _experts = new();

    public ICompute Sibling(int threads) => new CpuCompute(threads);

    public Tensor Allocate(int columns) => new CpuTensor(columns);

    public Matrix Upload(params ReadOnlySpan<MatrixSource> stacked) => PackedMatrix.Pack(stacked);

    public Vector UploadVector(TensorView source)
    {
        var values = new float[source.Count];
        source.Widen(0, values);
        source.RequireFinite(0, values);
        return new CpuVector(values);
    }

    public EmbeddingTable UploadTable(TensorView source)
    {
        var table = new CpuEmbeddingTable(source);
        var row = new float[table.Columns];
        for (var id = 0; id < table.Rows; id++)
        {
            table.CopyRow(id, row);
            source.RequireFinite((long)id * table.Columns, row);
        }
        return table;
    }

    public void Embed(EmbeddingTable table, PackedBatch batch, Tensor x_td)
    {
        x_td.Fit(batch.Tokens);
        var x = (CpuTensor)x_td;
        for (var t = 0; t < batch.Tokens; t++) ((CpuEmbeddingTable)table).CopyRow(batch.Ids[t], new Span<float>(x.Row(t), x.Columns));
    }

    public void RmsNorm(Tensor x_td, Vector gain_d, float epsilon, Tensor y_td)
    {
        y_td.Fit(x_td.Rows);
        var (x, y) = ((CpuTensor)x_td, (CpuTensor)y_td);
        fixed (float* gain = ((CpuVector)gain_d).Values)
            for (var t = 0; t < x.Rows; t++) RowKernels.RmsNorm(x.Row(t), gain, epsilon, y.Row(t), x.Columns);
    }

    public void Linear(Tensor x_tk, Matrix w_nk, Tensor y_tn)
    {
        y_tn.Fit(x_tk.Rows);
        Multiply(((CpuTensor)x_tk).Pointer, x_tk.Rows, (PackedMatrix)w_nk, ((CpuTensor)y_tn).Pointer);
    }

    public void PrepareQueriesAndKeys(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, QueryKeyStep step) =>
        QueryKeyKernel.Run((CpuTensor)qkv_tc, shape, batch, step);

    public void Attention(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, int? chunk, Tensor y_tq)
    {
        y_tq.Fit(batch.Tokens);
        var (qkv, y) = ((CpuTensor)qkv_tc, (CpuTensor)y_tq);
        var jobs = batch.Sequences * shape.Heads;
        var work = (long)batch.LongestSequence * batch.Tokens * shape.QueryColumns;
        if (threads == 1 || work < ParallelThreshold)
        {
            var scores = new AlignedFloats(batch.LongestSequence + 8);
            for (var job = 0; job < jobs; job++) AttendOne(qkv, shape, batch, chunk, job, scores, y);
            return;
        }
        Parallel.For(0, jobs, _parallel, () => new AlignedFloats(batch.LongestSequence + 8), (job, _, scores) =>
        {
            AttendOne(qkv, shape, batch, chunk, job, scores, y);
            return scores;
        }, _ => { });
    }

    public void Route(Tensor logits_te, Routing routing)
    {
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
    }

    public void AddExperts(Tensor x_td, Routing routing, IReadOnlyList<ExpertWeights> experts, Tensor y_td)
    {
        var (x, y) = ((CpuTensor)x_td, (CpuTensor)y_td);
        _experts.Gather(x, routing, experts.Count);
        for (var expert = 0; expert < experts.Count; expert++)
        {
            var (first, rows) = _experts.RowsOf(expert);
            if (rows == 0) continue;
            var weights = experts[expert];
            var gateUp_tf = _experts.GateUp(rows, weights.GateUp_fd.Outputs);
            Multiply(_experts.Gathered.Row(first), rows, (PackedMatrix)weights.GateUp_fd, gateUp_tf.Pointer);
            var a_ti = _experts.Activated(rows, weights.Down_di.Inputs);
            SwiGlu(gateUp_tf, a_ti);
            var result_td = _experts.Result(rows, weights.Down_di.Outputs);
            Multiply(a_ti.Pointer, rows, (PackedMatrix)weights.Down_di, result_td.Pointer);
            for (var i = 0; i < rows; i++) RowKernels.AddScaled(y.Row(_experts.TokenAt(first + i)), result_td.Row(i), 1f, y.Columns);
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

    public void Pool(Tensor x_td, PackedBatch batch, Pooling pooling, PooledRange range, bool normalize, Span<float> to_sd)
    {
        var x = (CpuTensor)x_td;
        fixed (float* to = to_sd)
        {
            for (var s = 0; s < batch.Sequences; s++)
            {
                var (first, end) = (batch.Starts[s] + range.SkipFirst, batch.Starts[s + 1] - range.SkipLast);
                PoolingKernel.Run(x.Row(first), end - first, x.Columns, pooling, normalize, to + (nint)s * x.Columns);
            }
        }
    }

    public void Download(Tensor x_td, Span<float> to) => ((CpuTensor)x_td).Span.CopyTo(to);

    private static void AttendOne(CpuTensor qkv, AttentionShape shape, PackedBatch batch, int? chunk, int job, AlignedFloats scores, CpuTensor y)
    {
        var (sequence, head) = (job / shape.Heads, job % shape.Heads);
        var first = batch.Starts[sequence];
        AttentionKernel.Run(qkv.Row(first), shape, batch.Starts[sequence + 1] - first, head, chunk, scores.Pointer, y.Row(first));
        GC.KeepAlive(scores);
    }

    private void Multiply(float* x, int rows, PackedMatrix w, float* y)
    {
        if (threads == 1 || (long)rows * w.Inputs * w.Outputs < ParallelThreshold)
        {
            MatMulKernel.Run(x, rows, w, 0, w.Panels, y);
            return;
        }
        // A few pieces a thread, so that a thread that is held up does not hold up the rest.
        var pieces = Math.Min(w.Panels, threads * 4);
        Parallel.For(0, pieces, _parallel, piece =>
            MatMulKernel.Run(x, rows, w, (int)((long)w.Panels * piece / pieces), (int)((long)w.Panels * (piece + 1) / pieces), y));
    }
}
