using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Batch;

namespace Recs.Pipelines.Features;

/// <summary>The batch's input: the candidates of everybody active lately, with their features at one moment.</summary>
internal static class CandidateBlocks
{
    /// <param name="facts">In the order (known, event time, event id); all known before <paramref name="now"/>.</param>
    /// <param name="now">The moment of the batch.</param>
    /// <param name="days">Who was active within so many days before it.</param>
    /// <param name="schema">The columns to read.</param>
    /// <param name="vectors">Item vectors.</param>
    /// <param name="cancel">Ends the enumeration of the blocks.</param>
    public static (int Users, IEnumerable<CandidateBlock> Blocks) Of(IReadOnlyList<Fact> facts, Timestamp now, int days, FeatureSchema schema, ItemVectors vectors, CancellationToken cancel)
    {
        var state = new RankingState();
        foreach (var (told, _) in facts) state.Apply(told);
        var affinity = AffinitySchedule.Tables(facts, [now], schema.NeedsRatings).Values.Single();
        var users = ActiveUsers.Within(facts, now, TimeSpan.FromDays(days));
        return (users.Count, new CandidateRows(state, schema, affinity, vectors).Read(users, now, cancel));
    }
}
