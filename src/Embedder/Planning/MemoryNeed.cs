using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Planning;

/// <summary>
/// Bytes of memory that a run takes. Weights count as stored; rows of the token table are read from the file when they are needed. Of every
/// token in flight the residual stream is kept, while the buffers inside a layer serve <see cref="WorkingTokens"/> tokens at a time.
/// </summary>
public sealed class MemoryNeed
{
    /// <summary>Tokens that are inside a layer at once.</summary>
    public const int WorkingTokens = 4096;

    /// <summary>Runtime, tokenizer and code: measured as some 150 MB for an idle embedder.</summary>
    private const long Baseline = 192L << 20;

    private readonly long _twoLayers;

    internal MemoryNeed(Llama4Config config, IReadOnlyList<long> layers, ModelParts stored)
    {
        AllLayers = stored.Total - stored.Embeddings;
        _twoLayers = layers.OrderDescending().Take(2).Sum();
        long hidden = config.HiddenSize, queries = (long)config.Heads * config.HeadSize, keys = (long)config.KeyValueHeads * config.HeadSize;
        // The residual stream, and an id, a position and a place for each token.
        StatePerToken = hidden * sizeof(float) + 3 * sizeof(int);
        var width = (long)Math.Max(config.DenseWidth, config.Experts > 0 ? config.ExpertWidth : 0);
        var expert = config.Experts == 0 ? 0 : 2 * hidden + 3L * config.ExpertWidth + config.Experts;
        // Normed stream and branch; queries, keys, values and their mixture; gate, up and their product; the same of the routed experts with their rows gathered.
        WorkingPerToken = (2 * hidden + 2 * queries + 2 * keys + 3 * width + expert) * sizeof(float);
    }

    /// <summary>Bytes of all layers, as stored.</summary>
    public long AllLayers { get; }

    /// <summary>Bytes kept for a token between layers.</summary>
    public long StatePerToken { get; }

    /// <summary>Bytes of the buffers inside a layer, for a token.</summary>
    public long WorkingPerToken { get; }

    /// <summary>All layers in memory.</summary>
    /// <param name="tokens">In flight, at least 0.</param>
    public long Full(long tokens) => Baseline + AllLayers + Activations(tokens);

    /// <summary>Two layers in memory: the one that computes and the one that is being read. They may be the two largest.</summary>
    /// <param name="tokens">In flight, at least 0.</param>
    public long Stream(long tokens) => Baseline + _twoLayers + Activations(tokens);

    /// <summary>What <see cref="Residency.Auto"/> takes: all layers where they fit beside a working set of tokens; null where not even streaming fits.</summary>
    /// <param name="memoryBytes">Allowed.</param>
    public Residency? Choose(long memoryBytes) =>
        Full(WorkingTokens) <= memoryBytes ? Residency.Full
        : Stream(1) <= memoryBytes ? Residency.Stream
        : null;

    /// <summary>The most tokens in flight.</summary>
    /// <param name="residency">Full or stream.</param>
    /// <param name="memoryBytes">Allowed.</param>
    /// <returns>0 where not one fits.</returns>
    public long TokensInFlight(Residency residency, long memoryBytes)
    {
        var left = memoryBytes - (residency == Residency.Full ? Full(0) : Stream(0));
        if (left <= 0) return 0;
        var whole = left - WorkingTokens * WorkingPerToken;
        return whole >= WorkingTokens * StatePerToken ? whole / StatePerToken : left / (StatePerToken + WorkingPerToken);
    }

    private long Activations(long tokens) => checked(tokens * StatePerToken + Math.Min(tokens, WorkingTokens) * WorkingPerToken);
}
