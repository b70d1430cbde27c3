using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, d hidden, c fused columns (queries | keys | values), q query columns, e experts

/// <summary>The buffers of one forward pass, kept from batch to batch. One owner at a time.</summary>
internal sealed class Activations(ICompute compute, Llama4Config config)
{
    private readonly Dictionary<int, Tensor> _inner = [];

    /// <summary>The residual stream, [t, d].</summary>
    public Tensor Stream { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>The normed stream a branch reads, [t, d].</summary>
    public Tensor Normed { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>What a branch adds to the stream, [t, d].</summary>
    public Tensor Branch { get; } = compute.Allocate(config.HiddenSize);

    /// <summary>[t, c]</summary>
    public Tensor QueryKeyValue { get; } = compute.Allocate((config.Heads + 2 * config.KeyValueHeads) * config.HeadSize);

    /// <summary>Attention's weighted values before the output projection, [t, q].</summary>
    public Tensor Mixed { get; } = compute.Allocate(config.Heads * config.HeadSize);

    /// <summary>[t, e]</summary>
    public Tensor RouterLogits { get; } = compute.Allocate(Math.Max(1, config.Experts));

    public Routing Routing { get; } = new();

    /// <summary>The buffer inside a feed-forward that is <paramref name="columns"/> wide.</summary>
    public Tensor Inner(int columns)
    {
        if (!_inner.TryGetValue(columns, out var tensor)) _inner[columns] = tensor = compute.Allocate(columns);
        return tensor;
    }
}
