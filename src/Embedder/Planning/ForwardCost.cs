using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Planning;

/// <summary>
/// Floating-point operations of a forward pass, counted: two for each multiply-add of the matrix products that the tokens need and of
/// attention's scores and weighted values. Norms, rope and activations are left out: less than a hundredth.
/// </summary>
public sealed class ForwardCost
{
    private readonly long _weightsPerToken;
    private readonly long _attentionPerPair;
    private readonly int?[] _chunks;

    internal ForwardCost(Llama4Config config)
    {
        _weightsPerToken = config.ActiveWeights;
        // Scores and weighted values: a multiply-add each for every number of every head.
        _attentionPerPair = 4L * config.Heads * config.HeadSize;
        _chunks = [.. config.Layers.Select(kind => kind.IsChunked ? config.AttentionChunk : null)];
    }

    /// <summary>Operations of one text of <paramref name="tokens"/> tokens through all layers.</summary>
    /// <param name="tokens">At least 0, special tokens counted.</param>
    public double OfText(long tokens)
    {
        // double: 2⁵³ operations are reached by real workloads, and the last digits do not matter.
        var pairs = 0.0;
        foreach (var chunk in _chunks) pairs += VisiblePairs(tokens, chunk);
        return 2.0 * tokens * _weightsPerToken + _attentionPerPair * pairs;
    }

    /// <summary>Pairs (query, key at or before it within the same chunk) of a text of <paramref name="tokens"/>.</summary>
    internal static double VisiblePairs(long tokens, int? chunk)
    {
        if (chunk is not { } size || tokens <= size) return Triangle(tokens);
        return tokens / size * Triangle(size) + Triangle(tokens % size);
    }

    private static double Triangle(long side) => (double)side * (side + 1) / 2;
}
