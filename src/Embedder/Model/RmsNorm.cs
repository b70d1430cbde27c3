using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden

/// <summary>Root-mean-square norm with a gain for each column.</summary>
internal sealed class RmsNorm(Vector gain_d, float epsilon)
{
    public void Forward(ICompute compute, Tensor x_td, Tensor y_td) => compute.RmsNorm(x_td, gain_d, epsilon, y_td);
}
