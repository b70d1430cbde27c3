using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, f gate | up columns, i inner width

/// <summary>
/// SwiGLU on the normed stream, down(silu(gate(n)) · up(n)). In a layer with experts it is the shared one, and the router chooses the
/// experts that add to it; else it is the whole feed-forward.
/// </summary>
internal sealed class FeedForwardBlock(Llama4Config config, Vector norm_d, Matrix? router_ed, Matrix gateUp_fd, Matrix down_di) : WeightPart
{
    /// <summary>n = norm(x), y = feed-forward of n; without experts also x += y, else the routing of n.</summary>
    public override void Forward(Lane lane, TokenState state)
    {
        var (compute, x_td, n_td, y_td) = (lane.Compute, state.Stream, state.Normed, state.Branch);
        var (gateUp_tf, a_ti) = (lane.Inner(gateUp_fd.Outputs), lane.Inner(down_di.Inputs));
        compute.RmsNorm(x_td, norm_d, config.NormEpsilon, n_td);
        if (router_ed is not null) compute.Route(n_td, router_ed, lane.RouterLogits, state.Routing);
        compute.Linear(n_td, gateUp_fd, gateUp_tf);
        compute.SwiGlu(gateUp_tf, a_ti);
        compute.Linear(a_ti, down_di, y_td);
        if (router_ed is null) compute.Add(x_td, y_td);
    }

    public override void Dispose()
    {
        router_ed?.Dispose();
        gateUp_fd.Dispose();
        down_di.Dispose();
    }
}
