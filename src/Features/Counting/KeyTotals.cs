namespace Recs.Features.Counting;

/// <summary>What was counted of one key, ever.</summary>
internal struct KeyTotals
{
    /// <summary>Times it was shown.</summary>
    public long Impressions;

    /// <summary>Positive interactions.</summary>
    public long Positives;

    /// <summary>Negative interactions.</summary>
    public long Negatives;

    /// <summary>
    /// The chances it had to be liked: its impressions, or, where the log tells of more reactions than impressions, the reactions. Never fewer than
    /// <see cref="Positives"/>, so that positives / trials is a rate.
    /// </summary>
    public readonly long Trials => Math.Max(Impressions, Positives + Negatives);
}
