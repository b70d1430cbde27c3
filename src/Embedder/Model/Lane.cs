using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

// t tokens, c fused columns (queries | keys | values), q query columns, e experts

/// <summary>
/// What one micro-batch at a time is computed with: a backend instance and the buffers that live within a branch. Kept from part to part
/// and shared by many <see cref="TokenState"/>s one after another; one owner at a time.
/// </summary>
internal sealed class Lane(ICompute compute, Llama4Config config)
{
    private readonly Dictionary<int, Tensor> _inner = [];

    public ICompute Compute => compute;

    /// <summary>[t, c]</summary>
    public Tensor QueryKeyValue { get; } = compute.Allocate((config.Heads + 2 * config.KeyValueHeads) * config.HeadSize);

    /// <summary>Attention's weighted values before the output projection, [t, q].</summary>
    public Tensor Mixed { get; } = compute.Allocate(config.Heads * config.HeadSize);

    /// <summary>[t, e]</summary>
    public Tensor RouterLogits { get; } = compute.Allocate(Math.Max(1, config.Experts));

    /// <summary>The buffer inside a feed-forward that is <paramref name="columns"/> wide.</summary>
    public Tensor Inner(int columns)
    {
        if (!_inner.TryGetValue(columns, out var tensor)) _inner[columns] = tensor = compute.Allocate(columns);
        return tensor;
    }

    /// <summary>Bytes a lane needs for each token of its micro-batch, at most.</summary>
    public static long BytesPerToken(Llama4Config config)
    {
        long attention = (2L * config.Heads + 2 * config.KeyValueHeads) * config.HeadSize;
        long shared = config.Experts > 0 ? 3L * config.ExpertWidth : 0;
        // The routed tokens of an expert: gathered, gate and up, activated, result.
        long routed = config.Experts > 0 ? 3L * config.ExpertWidth + 2L * config.HiddenSize : 0;
        return sizeof(float) * (attention + 3L * config.DenseWidth + shared + routed + config.Experts);
    }
}
