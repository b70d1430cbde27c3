using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden

/// <summary>The Llama 4 text decoder up to its hidden states. Read-only once made; each pass brings its own compute and activations.</summary>
internal sealed class Llama4Model(Llama4Config config, EmbeddingTable embedding, IReadOnlyList<DecoderLayer> layers, RmsNorm finalNorm)
{
    public Llama4Config Config => config;

    /// <summary>The index of the last hidden state, which is the one after the final norm.</summary>
    public int LastHiddenState => layers.Count;

    /// <summary>
    /// Runs the batch up to hidden state <paramref name="hiddenState"/> (0 = embeddings; an inner one is the raw residual stream)
    /// and returns the tensor that holds it, which belongs to <paramref name="activations"/>.
    /// </summary>
    public Tensor Forward(ICompute compute, PackedBatch batch, Activations activations, int hiddenState, IForwardObserver? observer = null, CancellationToken cancel = default)
    {
        var x_td = activations.Stream;
        compute.Embed(embedding, batch, x_td);
        observer?.OnHiddenState(0, x_td);
        for (var l = 0; l < hiddenState; l++)
        {
            cancel.ThrowIfCancellationRequested();
            layers[l].Forward(compute, batch, activations, x_td);
            if (layers[l].HasExperts) observer?.OnRouting(l, activations.Routing);
            if (l + 1 < layers.Count) observer?.OnHiddenState(l + 1, x_td);
        }
        if (hiddenState < layers.Count) return x_td;
        finalNorm.Forward(compute, x_td, activations.Normed);
        observer?.OnHiddenState(layers.Count, activations.Normed);
        return activations.Normed;
    }
}
