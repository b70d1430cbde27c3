using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>Sees what a forward pass computes on its way. Calls come in layer order on the thread that runs the pass.</summary>
internal interface IForwardObserver
{
    /// <summary>Hidden state <paramref name="index"/> as Hugging Face counts them: 0 embeddings, l after layer l, the last after the final norm. [t, d]</summary>
    void OnHiddenState(int index, Tensor x_td);

    /// <summary>The experts layer <paramref name="layer"/> (0-based) chose.</summary>
    void OnRouting(int layer, Routing routing);
}
