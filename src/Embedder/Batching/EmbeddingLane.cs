using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;

namespace Recs.Embedder.Batching;

/// <summary>One batch at a time from ids to vectors, with buffers of its own. The unit of parallel work; not thread-safe.</summary>
internal sealed class EmbeddingLane(Llama4Model model, ICompute compute, EmbeddingRecipe recipe, PooledRange range)
{
    private readonly Activations _activations = new(compute, model.Config);

    /// <param name="sequences">Ids with special tokens, each with at least one that is not special.</param>
    /// <param name="to">[sequences, hidden]</param>
    /// <param name="cancel">Asked before each layer.</param>
    public void Embed(ReadOnlySpan<int[]> sequences, Span<float> to, CancellationToken cancel)
    {
        var batch = PackedBatch.Of(sequences);
        var x_td = model.Forward(compute, batch, _activations, recipe.Layer, cancel: cancel);
        compute.Pool(x_td, batch, recipe.Pooling, range, recipe.Normalize, to);
    }
}
