using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden

/// <summary>
/// A micro-batch on its way through the layers: all that must be kept of it from one weight part to the next. Kept from batch to batch;
/// one owner at a time.
/// </summary>
internal sealed class TokenState(ICompute compute, Llama4Config config)
{
    /// <summary>The texts.</summary>
    public PackedBatch Batch { get; } = new();

    /// <summary>The residual stream, [t, d].</summary>
    public Tensor Stream { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>The normed stream a branch reads, [t, d].</summary>
    public Tensor Normed { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>What a branch adds to the stream, [t, d].</summary>
    public Tensor Branch { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>The experts of the layer at hand.</summary>
    public Routing Routing { get; } = new(Math.Max(1, config.Experts));

    /// <summary>Told what is computed on the way, or null.</summary>
    public IForwardObserver? Observer { get; set; }

    /// <summary>Bytes a token of a micro-batch in flight takes.</summary>
    public static long BytesPerToken(Llama4Config config) => 3L * sizeof(float) * config.HiddenSize + 5 * sizeof(int);
}
