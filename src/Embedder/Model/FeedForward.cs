using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, f gate | up columns, i inner width

/// <summary>SwiGLU: down(silu(gate(n)) · up(n)). The whole feed-forward of a dense layer, and the shared expert of the others.</summary>
internal sealed class FeedForward(Matrix gateUp_fd, Matrix down_di)
{
    /// <summary>y = feed-forward of n.</summary>
    public void Forward(ICompute compute, Activations activations, Tensor n_td, Tensor y_td)
    {
        var (gateUp_tf, a_ti) = (activations.Inner(gateUp_fd.Outputs), activations.Inner(down_di.Inputs));
        compute.Linear(n_td, gateUp_fd, gateUp_tf);
        compute.SwiGlu(gateUp_tf, a_ti);
        compute.Linear(a_ti, down_di, y_td);
    }
}
