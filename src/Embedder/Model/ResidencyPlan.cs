using Recs.Domain;

namespace Recs.Embedder.Model;

/// <summary>How weights and tokens share the memory allowed.</summary>
/// <param name="IsResident">All layers stay in memory.</param>
/// <param name="ReadsAhead">Else: whether a second part has room while the first is in use.</param>
/// <param name="TokensInFlight">Else: tokens that pass through a layer together.</param>
internal sealed record ResidencyPlan(bool IsResident, bool ReadsAhead, int TokensInFlight)
{
    /// <summary>Beyond this many tokens reading weights costs little beside computing with them, on any CPU.</summary>
    public const int MostTokensInFlight = 1 << 16;

    /// <summary>The runtime, code, tokenizer and texts; measured at 70 to 110 MB.</summary>
    private const long ProcessBytes = 128 << 20;

    /// <param name="residency">What was asked for.</param>
    /// <param name="memoryBytes">What the process may use, all told.</param>
    /// <param name="loader">The checkpoint.</param>
    /// <param name="microBatch">Tokens a micro-batch.</param>
    /// <param name="lanes">Micro-batches computed at once.</param>
    /// <exception cref="RefusedException">The weights asked to be resident do not fit, or not even one part and one micro-batch do.</exception>
    public static ResidencyPlan Of(Residency residency, long memoryBytes, PartLoader loader, int microBatch, int lanes)
    {
        var config = loader.Config;
        var (largest, all) = loader.PartBytes(1);
        var perToken = TokenState.BytesPerToken(config);
        var lanesBytes = lanes * microBatch * Lane.BytesPerToken(config) + ProcessBytes;
        var resident = all + lanes * microBatch * perToken + lanesBytes;
        if (residency == Residency.Full && resident > memoryBytes)
            throw new RefusedException($"the layers need {all / 1e9:F2} GB of memory and {(resident - all) / 1e9:F2} GB to compute with, but {memoryBytes / 1e9:F2} GB may be used; take --residency stream, or a larger machine");
        if (residency == Residency.Full || (residency == Residency.Auto && resident <= memoryBytes)) return new ResidencyPlan(true, false, microBatch);
        // A second part first, then tokens: both let weights be read fewer times or unseen, and the tokens' share is small.
        var left = memoryBytes - lanesBytes - largest;
        var least = Math.Min(lanes, 2) * microBatch * perToken;
        if (left < least)
            throw new RefusedException($"even layer by layer {(lanesBytes + largest + least) / 1e9:F2} GB of memory are needed (largest part {largest / 1e9:F2} GB), but {memoryBytes / 1e9:F2} GB may be used; allow more, or use fewer threads");
        var readsAhead = left - largest >= least;
        if (readsAhead) left -= largest;
        return new ResidencyPlan(false, readsAhead, (int)Math.Min(MostTokensInFlight, left / perToken));
    }
}
