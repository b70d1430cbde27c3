namespace Recs.Domain.Ranking;

/// <summary>One row of a batch of scores.</summary>
/// <param name="User">For whom.</param>
/// <param name="Item">The candidate.</param>
/// <param name="Score">Calibrated probability of the model's action, in [0, 1].</param>
/// <param name="Rank">1 is the best of the user's candidates.</param>
/// <param name="ModelVersion">The model that scored.</param>
/// <param name="EmbeddingVersion">The vectors it read.</param>
public readonly record struct ScoredItem(UserId User, ItemId Item, float Score, int Rank, string ModelVersion, string EmbeddingVersion);
