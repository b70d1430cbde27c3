namespace Recs.Api.Live;

/// <summary>A model that is scored beside the live one.</summary>
/// <param name="Ranker">Ranks with it.</param>
/// <param name="Share">The share of requests it is scored on, 0 to 1.</param>
/// <param name="Told">Takes each result, on the shadow's thread; null for none.</param>
internal sealed record ShadowModel(LiveRanker Ranker, double Share, Action<Ranking.ShadowScore>? Told)
{
    /// <summary>Whether a request is among the sample.</summary>
    /// <param name="draw">Its randomness.</param>
    public bool Samples(ulong draw)
    {
        // The same bits decide what new item is tried: mixed (the finalizer of SplitMix64), so that the sample does not favour explorers.
        draw = (draw ^ (draw >> 30)) * 0xBF58476D1CE4E5B9;
        draw = (draw ^ (draw >> 27)) * 0x94D049BB133111EB;
        return ((draw ^ (draw >> 31)) >> 11) * (1.0 / (1UL << 53)) < Share;
    }
}
