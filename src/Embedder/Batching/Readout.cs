using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;

namespace Recs.Embedder.Batching;

/// <summary>From the hidden states of a finished micro-batch to embeddings: pooling, projection, norm, router signature. Thread-safe.</summary>
internal sealed class Readout(Llama4Model model, EmbeddingRecipe recipe, PooledRange range)
{
    /// <summary>Numbers a vector.</summary>
    public int Dimensions => recipe.Projection?.Outputs ?? model.Config.HiddenSize;

    /// <summary>The hidden state a pass must run up to.</summary>
    public int HiddenState => recipe.Layer;

    /// <summary>Sets up a micro-batch for a pass.</summary>
    /// <param name="state">Its buffers.</param>
    /// <param name="sequences">Ids with special tokens, each with at least one that is not special.</param>
    public void Begin(TokenState state, ReadOnlySpan<int[]> sequences)
    {
        state.Batch.Set(sequences);
        state.Observer = new SignatureTally(state.Batch, range, model.Config);
    }

    /// <summary>One embedding a sequence, once the pass is done.</summary>
    public TextEmbedding[] Finish(ICompute compute, TokenState state)
    {
        var (batch, tally) = (state.Batch, (SignatureTally)state.Observer!);
        state.Observer = null;
        var x_td = recipe.Layer == model.LastHiddenState ? state.Normed : state.Stream;
        var pooled = new float[batch.Sequences * x_td.Columns];
        compute.Pool(x_td, batch, recipe.Pooling, range, pooled);
        var made = new TextEmbedding[batch.Sequences];
        for (var s = 0; s < made.Length; s++)
        {
            var vector = pooled.AsSpan(s * x_td.Columns, x_td.Columns).ToArray();
            if (recipe.Projection is { } projection) vector = projection.Apply(vector);
            if (recipe.Normalize) PoolingKernel.Normalize(vector);
            made[s] = new TextEmbedding(vector, tally.SignatureOf(s));
        }
        return made;
    }
}
