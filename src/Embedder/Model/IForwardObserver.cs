using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>Sees what a forward pass computes of one micro-batch. Calls come in layer order, one at a time, on the thread at hand.</summary>
internal interface IForwardObserver
{
    /// <summary>Hidden state <paramref name="index"/> as Hugging Face counts them: 0 embeddings, l after layer l, the last after the final norm. [t, d]</summary>
    void OnHiddenState(int index, Tensor x_td);

    /// <summary>The experts layer <paramref name="layer"/> (0-based) chose.</summary>
    void OnRouting(int layer, Routing routing);
}
