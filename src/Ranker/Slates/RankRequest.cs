using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>What is asked of <see cref="SlateRanker"/>.</summary>
/// <param name="User">For whom; an unknown user is ranked for as a new one.</param>
/// <param name="Surface">Where the slate will be shown.</param>
/// <param name="Count">Places to fill, at least 1.</param>
/// <param name="Kinds">What may stand in it. Ads alone fill every place; beside content the policy's ad load holds.</param>
/// <param name="Candidates">What may be chosen from; null leaves finding candidates to the ranker.</param>
/// <param name="Explain">Whether to say what was removed and displaced, and why.</param>
/// <param name="Now">The moment of the request.</param>
public sealed record RankRequest(
    UserId User, string Surface, int Count, IReadOnlyList<ItemKind> Kinds, IReadOnlyList<ItemId>? Candidates, bool Explain, Timestamp Now)
{
    /// <summary>The randomness of this request, all 64 bits: which new item is tried, and whether. The caller draws it, so that an answer can be made again.</summary>
    public ulong Draw { get; init; }

    /// <summary>What may be left out to be in time.</summary>
    public Degradation Degradation { get; init; }
}

/// <summary>The steps of the ladder, best first: what an answer does without. The numbers reach the disk: they never change.</summary>
public enum Degradation
{
    /// <summary>Nothing is left out.</summary>
    None = 0,
    /// <summary>Only the model's first head scores; other actions count as not predicted.</summary>
    FirstHeadOnly = 1,
    /// <summary>No features and no model: the items' own smoothed rates stand in for the heads.</summary>
    Counters = 2,
    /// <summary>The most wanted content in its order, no ads.</summary>
    Popularity = 3,
}
