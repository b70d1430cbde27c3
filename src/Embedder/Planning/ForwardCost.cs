using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Planning;

/// <summary>Multiply-adds of a forward pass: those that the result needs, none that padding or masked scores would add.</summary>
internal static class ForwardCost
{
    /// <summary>Of one sequence: its tokens times the weights they meet, and attention over the keys that each query sees.</summary>
    public static double MultiplyAdds(Llama4Config config, long tokens)
    {
        var products = (double)config.ActiveWeights * tokens;
        foreach (var layer in config.Layers)
            // A score and a weighted value are a multiply-add for each number of a head.
            products += 2.0 * config.Heads * config.HeadSize * VisibleKeys(tokens, layer.IsChunked ? config.AttentionChunk : null);
        return products;
    }

    /// <summary>Query–key pairs of causal attention, within chunks of <paramref name="chunk"/> positions if given.</summary>
    public static double VisibleKeys(long tokens, int? chunk)
    {
        if (chunk is not { } length || tokens <= length) return tokens * (tokens + 1.0) / 2;
        var (whole, rest) = (tokens / length, tokens % length);
        return whole * (length * (length + 1.0) / 2) + rest * (rest + 1.0) / 2;
    }
}
