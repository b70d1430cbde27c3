using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, c fused columns (queries | keys | values), q query columns

/// <summary>
/// Grouped-query attention. Layers with rope turn and norm queries and keys and look back within a chunk;
/// layers without see the whole sequence and scale their queries by position.
/// </summary>
internal sealed class Attention(Llama4Config config, LayerKind kind, RotaryEmbedding rotary, Matrix qkv_cd, Matrix output_dq)
{
    private readonly AttentionShape _shape = new(config.Heads, config.KeyValueHeads, config.HeadSize);
    private readonly int? _chunk = kind.IsChunked ? config.AttentionChunk : null;

    /// <summary>x += attention of n (the normed x).</summary>
    public void Forward(ICompute compute, PackedBatch batch, Activations activations, Tensor n_td, Tensor x_td)
    {
        var (qkv_tc, mixed_tq, y_td) = (activations.QueryKeyValue, activations.Mixed, activations.Branch);
        var step = kind.HasRope
            ? new QueryKeyStep(rotary.Table(batch.LongestSequence), config.QueryKeyNorm ? config.NormEpsilon : null, null)
            : new QueryKeyStep(null, null, config.Temperature);
        compute.Linear(n_td, qkv_cd, qkv_tc);
        compute.PrepareQueriesAndKeys(qkv_tc, _shape, batch, step);
        compute.Attention(qkv_tc, _shape, batch, _chunk, mixed_tq);
        compute.Linear(mixed_tq, output_dq, y_td);
        compute.Add(x_td, y_td);
    }
}
