using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, c fused columns (queries | keys | values), q query columns

/// <summary>
/// Grouped-query attention on the normed stream. Layers with rope turn and norm queries and keys and look back within a chunk;
/// layers without see the whole sequence and scale their queries by position.
/// </summary>
internal sealed class AttentionBlock(Llama4Config config, LayerKind kind, RotaryEmbedding rotary, Vector norm_d, Matrix qkv_cd, Matrix output_dq) : WeightPart
{
    private readonly AttentionShape _shape = new(config.Heads, config.KeyValueHeads, config.HeadSize);
    private readonly int? _chunk = kind.IsChunked ? config.AttentionChunk : null;

    /// <summary>x += attention of norm(x)</summary>
    public override void Forward(Lane lane, TokenState state)
    {
        var (compute, batch, x_td, n_td, y_td) = (lane.Compute, state.Batch, state.Stream, state.Normed, state.Branch);
        var step = kind.HasRope
            ? new QueryKeyStep(rotary.Table(batch.LongestSequence), config.QueryKeyNorm ? config.NormEpsilon : null, null)
            : new QueryKeyStep(null, null, config.Temperature);
        compute.RmsNorm(x_td, norm_d, config.NormEpsilon, n_td);
        compute.Linear(n_td, qkv_cd, lane.QueryKeyValue);
        compute.PrepareQueriesAndKeys(lane.QueryKeyValue, _shape, batch, step);
        compute.Attention(lane.QueryKeyValue, _shape, batch, _chunk, lane.Mixed);
        compute.Linear(lane.Mixed, output_dq, y_td);
        compute.Add(x_td, y_td);
    }

    public override void Dispose()
    {
        qkv_cd.Dispose();
        output_dq.Dispose();
    }
}
