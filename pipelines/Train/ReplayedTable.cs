using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Train;

/// <summary>A table from facts: replayed once, whatever the number of heads.</summary>
internal static class ReplayedTable
{
    /// <param name="facts">In the order (known, event time, event id).</param>
    /// <param name="vectors">Item vectors, or null.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="actions">The heads' actions; at least one.</param>
    /// <param name="from">Earlier impressions only warm the counters up.</param>
    /// <param name="weighted">Whether rows weigh 1 / propensity.</param>
    /// <param name="progress">Share done.</param>
    /// <param name="cancel">Stops between impressions.</param>
    /// <exception cref="RefusedException">No impressions from then on, or weights are asked for and no propensity was logged.</exception>
    public static TrainingTable Make(IReadOnlyList<Fact> facts, ItemVectors? vectors, FeatureSchema schema, IReadOnlyList<InteractionType> actions, Timestamp from, bool weighted,
        IProgress<double>? progress, CancellationToken cancel)
    {
        var set = new TrainingReplay(facts, actions[0], vectors) { From = from, Schema = schema }.Run(progress, cancel);
        if (set.Rows == 0) throw new RefusedException($"the store holds no impressions of content from {from} on, so there is nothing to learn from or to judge by");
        var weights = weighted ? HeadLabels.InversePropensities(facts, set) ?? throw new RefusedException("weights: propensity is asked for, and no impression carries a propensity") : null;
        var times = new Timestamp[set.Rows];
        var (users, lists) = (new int[set.Rows], new int[set.Rows]);
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        for (var list = 0; list < set.Groups.Count; list++)
        {
            var group = set.Groups[list];
            if (!numbers.TryGetValue(group.User.Value, out var user)) numbers.Add(group.User.Value, user = numbers.Count);
            times.AsSpan(group.First, group.Count).Fill(group.Time);
            users.AsSpan(group.First, group.Count).Fill(user);
            lists.AsSpan(group.First, group.Count).Fill(list);
        }
        // Groups come in the order in which they became known; late ones stand where their knowledge does, not their time.
        for (var row = 1; row < times.Length; row++)
            if (times[row] < times[row - 1]) times[row] = times[row - 1];
        return new(schema, vectors?.Version ?? "none", set.Features, actions.ToDictionary(action => action, action => HeadLabels.Of(facts, set, action)), times, users, lists, set.Cold, weights);
    }
}
