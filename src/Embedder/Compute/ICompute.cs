namespace Recs.Embedder.Compute;

/// <summary>
/// The operations the forward pass is written over. An instance has scratch memory of its own and serves one caller at a time. Where it
/// computes on another device its operations are given to that device in order, and only what comes back to the host is waited for.
/// A row of a result depends on its own row (for attention: its own sequence) alone, to the bit, whatever else is in the batch.
/// </summary>
/// <remarks>Shapes: t tokens, d hidden, c fused q|k|v columns, q query columns, e experts, f gate|up columns, i expert width.</remarks>
internal interface ICompute
{
    Tensor Allocate(int columns);

    /// <summary>x[t] = table[ids[t]]</summary>
    void Embed(EmbeddingTable table, PackedBatch batch, Tensor x_td);

    /// <summary>y = x / sqrt(mean(x²) + epsilon) · gain, row by row; a result, which no product reads, is float32 at every precision.</summary>
    void RmsNorm(Tensor x_td, Vector gain_d, float epsilon, Tensor y_td, bool isResult = false);

    /// <summary>y[t, n] = Σ x[t, k] · w[n, k], summed in the order of k.</summary>
    void Linear(Tensor x_tk, Matrix w_nk, Tensor y_tn);

    /// <summary>Rotation, head norm and temperature, in place on the query and key columns.</summary>
    void PrepareQueriesAndKeys(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, QueryKeyStep step);

    /// <summary>Causal attention within each sequence; with <paramref name="chunk"/>, within each chunk of that many positions.</summary>
    void Attention(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, int? chunk, Tensor y_tq);

    /// <summary>
    /// Logits of x by the router's weights, float32 at every precision; of them the largest one's expert (the lowest index among equals), the
    /// sigmoid of that logit, and the tokens sorted by expert.
    /// </summary>
    void Route(Tensor x_td, Matrix router_ed, Tensor logits_te, Routing routing);

    /// <summary>Adds to y[t] what the chosen expert makes of x[t] · score[t], where it is one of <paramref name="experts"/>, the first of which is number <paramref name="firstExpert"/>.</summary>
    void AddExperts(Tensor x_td, Routing routing, int firstExpert, ReadOnlySpan<ExpertWeights> experts, Tensor y_td);

    /// <summary>a = silu(gate) · up, where a row of f is gate then up.</summary>
    void SwiGlu(Tensor gateUp_tf, Tensor a_ti);

    /// <summary>x += y</summary>
    void Add(Tensor x_td, Tensor y_td);

    /// <summary>One vector a sequence over the tokens of <paramref name="range"/>; to is [sequences, d].</summary>
    void Pool(Tensor x_td, PackedBatch batch, Pooling pooling, PooledRange range, Span<float> to_sd);

    /// <summary>Copies all rows in use to <paramref name="to"/>, [rows · columns].</summary>
    void Download(Tensor x_td, Span<float> to);
}

/// <summary>One SwiGLU expert: gate above up [2i, d], and down [d, i].</summary>
internal sealed record ExpertWeights(Matrix GateUp_fd, Matrix Down_di);
