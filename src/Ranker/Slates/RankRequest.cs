using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>What is asked of <see cref="SlateRanker"/>.</summary>
/// <param name="User">For whom; an unknown user is ranked for as a new one.</param>
/// <param name="Surface">Where the slate will be shown.</param>
/// <param name="Count">Places to fill, at least 1.</param>
/// <param name="Kinds">What may stand in it. Ads alone fill every place; beside content the policy's ad load holds.</param>
/// <param name="Candidates">What may be chosen from; null leaves finding candidates to the ranker.</param>
/// <param name="Explain">Whether to say what was removed, and why.</param>
/// <param name="Now">The moment of the request.</param>
public sealed record RankRequest(
    UserId User, string Surface, int Count, IReadOnlyList<ItemKind> Kinds, IReadOnlyList<ItemId>? Candidates, bool Explain, Timestamp Now);
