using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden

/// <summary>
/// One routed expert a token, whose input (not output) is multiplied by the router's score, plus a shared expert on the
/// unscaled input.
/// </summary>
internal sealed class MixtureOfExperts(Router router, IReadOnlyList<ExpertWeights> experts, FeedForward shared)
{
    /// <summary>y = shared expert of n + routed expert of n · score.</summary>
    public void Forward(ICompute compute, Activations activations, Tensor n_td, Tensor y_td)
    {
        router.Forward(compute, activations, n_td, activations.Routing);
        shared.Forward(compute, activations, n_td, y_td);
        compute.AddExperts(n_td, activations.Routing, experts, y_td);
    }
}
