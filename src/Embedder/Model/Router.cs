using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, e experts

/// <summary>Chooses one expert for each token. No softmax, no renormalisation: the score is the sigmoid of the chosen logit.</summary>
internal sealed class Router(Matrix weight_ed)
{
    public void Forward(ICompute compute, Activations activations, Tensor n_td, Routing routing)
    {
        var logits_te = activations.RouterLogits;
        compute.Linear(n_td, weight_ed, logits_te);
        compute.Route(logits_te, routing);
    }
}
