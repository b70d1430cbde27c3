using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;

namespace Recs.Embedder.Batching;

/// <summary>One batch at a time from ids to vectors, with buffers of its own. The unit of parallel work; not thread-safe.</summary>
internal sealed class EmbeddingLane(Llama4Model model, ICompute compute, EmbeddingRecipe recipe, PooledRange range)
{
    private readonly Activations _activations = new(compute, model.Config);

    /// <param name="sequences">Ids with special tokens, each with at least one that is not special.</param>
    /// <param name="cancel">Asked before each layer.</param>
    /// <returns>One embedding a sequence.</returns>
    public TextEmbedding[] Embed(ReadOnlySpan<int[]> sequences, CancellationToken cancel)
    {
        var batch = PackedBatch.Of(sequences);
        var tally = new SignatureTally(batch, range, model.Config);
        var x_td = model.Forward(compute, batch, _activations, recipe.Layer, tally, cancel);
        var pooled = new float[batch.Sequences * x_td.Columns];
        compute.Pool(x_td, batch, recipe.Pooling, range, recipe.Normalize, pooled);
        var made = new TextEmbedding[batch.Sequences];
        for (var s = 0; s < made.Length; s++) made[s] = new TextEmbedding(pooled.AsSpan(s * x_td.Columns, x_td.Columns).ToArray(), tally.SignatureOf(s));
        return made;
    }
}
