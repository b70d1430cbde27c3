using Recs.Domain;

namespace Recs.Api.Live;

/// <summary>A model that is scored beside the live one.</summary>
/// <param name="Ranker">Ranks with it.</param>
/// <param name="Share">The share of requests it is scored on, 0 to 1.</param>
/// <param name="Told">Takes each result, on the shadow's thread; null for none.</param>
internal sealed record ShadowModel(LiveRanker Ranker, double Share, Action<Ranking.ShadowScore>? Told)
{
    /// <summary>Whether a request is among the sample.</summary>
    /// <param name="draw">Its randomness.</param>
    // The same bits decide what new item is tried: mixed, so that the sample does not favour explorers.
    public bool Samples(ulong draw) => SplitMix.Unit(SplitMix.Mix(draw)) < Share;
}
