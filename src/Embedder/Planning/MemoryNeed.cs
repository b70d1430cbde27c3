using Recs.Embedder.Batching;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Model;

namespace Recs.Embedder.Planning;

/// <summary>
/// Bytes of memory that a run takes. Weights count as stored; rows of the token table are read from the file when they are needed. Every
/// thread has a micro-batch inside a part of a layer; of every token in flight the residual stream, its normed form and the branch are kept.
/// Immutable, thread-safe.
/// </summary>
public sealed class MemoryNeed
{
    /// <summary>Beyond this many tokens reading weights costs little beside computing with them, on any CPU.</summary>
    public const int MostTokensInFlight = 1 << 16;

    /// <summary>The runtime, code, tokenizer and texts; measured at 70 to 110 MB.</summary>
    private const long ProcessBytes = 128 << 20;

    private readonly int _microBatch;
    private readonly long _workingPerToken;

    /// <param name="config">The model.</param>
    /// <param name="allLayers">Bytes.</param>
    /// <param name="largestPart">Bytes.</param>
    /// <param name="microBatch">Tokens computed at once; null: those of the CPU.</param>
    internal MemoryNeed(Llama4Config config, long allLayers, long largestPart, int? microBatch = null)
    {
        (AllLayers, LargestPart) = (allLayers, largestPart);
        _microBatch = microBatch ?? EmbeddingBatches.TokenBudget(config);
        _workingPerToken = Lane.BytesPerToken(config);
        StatePerToken = TokenState.BytesPerToken(config);
    }

    /// <summary>Bytes of all layers.</summary>
    public long AllLayers { get; }

    /// <summary>Bytes of the largest part that passes through memory by itself: an attention, a feed-forward, or one routed expert.</summary>
    public long LargestPart { get; }

    /// <summary>Bytes kept for a token in flight.</summary>
    public long StatePerToken { get; }

    /// <summary>All layers in memory, and a micro-batch a thread.</summary>
    /// <param name="threads">At least 1.</param>
    public long Full(int threads) => checked(AllLayers + Working(threads) + (long)threads * _microBatch * StatePerToken);

    /// <summary>The least with which weights pass through memory: one part, and micro-batches for two threads at most.</summary>
    /// <param name="threads">At least 1.</param>
    public long Least(int threads) => checked(LargestPart + Working(threads) + LeastTokens(threads) * StatePerToken);

    /// <summary>How weights and tokens share the memory allowed.</summary>
    /// <param name="residency">What is asked for.</param>
    /// <param name="memoryBytes">Allowed, all told.</param>
    /// <param name="threads">At least 1.</param>
    /// <returns>Null where it does not fit.</returns>
    public ResidencyPlan? Plan(Residency residency, long memoryBytes, int threads)
    {
        if (residency != Residency.Stream && Full(threads) <= memoryBytes) return new ResidencyPlan(true, false, threads * _microBatch);
        if (residency == Residency.Full || Least(threads) > memoryBytes) return null;
        // A second part first, then tokens: both let weights be read fewer times or unseen, and the tokens' share is small.
        var readsAhead = Least(threads) + LargestPart <= memoryBytes;
        var left = memoryBytes - Working(threads) - (readsAhead ? 2 : 1) * LargestPart;
        return new ResidencyPlan(false, readsAhead, (int)Math.Min(MostTokensInFlight, left / StatePerToken));
    }

    private long Working(int threads) => checked((long)threads * _microBatch * _workingPerToken + ProcessBytes);

    private long LeastTokens(int threads) => Math.Min(threads, 2) * (long)_microBatch;
}
