using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>
/// Neighbouring routed experts of a layer: all of them where the weights stay in memory, one where they pass through. A token has one
/// expert, whose input (not output) is multiplied by the router's score.
/// </summary>
internal sealed class ExpertGroup(int firstExpert, ExpertWeights[] experts) : WeightPart
{
    /// <summary>y += expert of n · score, for the tokens that chose an expert of this group.</summary>
    public override void Forward(Lane lane, TokenState state) =>
        lane.Compute.AddExperts(state.Normed, state.Routing, firstExpert, experts, state.Branch);

    public override void Dispose()
    {
        foreach (var expert in experts)
        {
            expert.GateUp_fd.Dispose();
            expert.Down_di.Dispose();
        }
    }
}
