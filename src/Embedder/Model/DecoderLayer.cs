using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden

/// <summary>One residual layer: attention, then experts or a dense feed-forward, each on the normed stream.</summary>
internal sealed class DecoderLayer(RmsNorm inputNorm, Attention attention, RmsNorm feedForwardNorm, FeedForward? dense, MixtureOfExperts? experts)
{
    public bool HasExperts => experts is not null;

    /// <summary>Adds the layer's two branches to the residual stream x.</summary>
    public void Forward(ICompute compute, PackedBatch batch, Activations activations, Tensor x_td)
    {
        var (n_td, y_td) = (activations.Normed, activations.Branch);
        inputNorm.Forward(compute, x_td, n_td);
        attention.Forward(compute, batch, activations, n_td, x_td);
        feedForwardNorm.Forward(compute, x_td, n_td);
        if (experts is not null) experts.Forward(compute, activations, n_td, y_td);
        else dense!.Forward(compute, activations, n_td, y_td);
        compute.Add(x_td, y_td);
    }
}
