using Recs.Domain;
using Recs.Domain.Ranking;
using Recs.Ranker.Model;

namespace Recs.Ranker.Batch;

/// <summary>Scores and ranks blocks of candidates with a model's first head. Safe from any thread.</summary>
public sealed class BatchScorer(RankerModel model)
{
    /// <summary>The rows of one user, best first; equal scores go by item id.</summary>
    public IReadOnlyList<ScoredItem> Score(CandidateBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var head = model.Heads[0];
        var scored = new (ItemId Item, float Score)[block.Items.Count];
        var scores = new float[scored.Length];
        head.Probabilities(block.Features, model.Schema.Width, scores);
        for (var i = 0; i < scored.Length; i++) scored[i] = (block.Items[i], scores[i]);
        Array.Sort(scored, (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : string.CompareOrdinal(a.Item.Value, b.Item.Value));
        return [.. scored.Select((row, rank) => new ScoredItem(block.User, row.Item, row.Score, rank + 1, model.Version, model.EmbeddingVersion))];
    }
}
