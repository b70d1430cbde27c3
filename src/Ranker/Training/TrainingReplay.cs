using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Ranker.Training;

/// <summary>
/// Point-in-time training rows: the facts are folded in the order in which they became known, and an impression's rows are what
/// <see cref="FeatureReader"/> returned from the facts known strictly before it. A late event never leaks into the past.
/// Each worker folds everything and reads its share of the impressions, so the rows are the same for any number of workers; a fold costs little beside the reading.
/// </summary>
public sealed class TrainingReplay
{
    private readonly IReadOnlyList<Fact> _facts;
    private readonly InteractionType _action;
    private readonly ItemVectors? _vectors;

    /// <param name="facts">In the order (known, event time, event id).</param>
    /// <param name="action">What makes a row positive: this action on the item in answer to the same request.</param>
    /// <param name="vectors">Item vectors, or null.</param>
    public TrainingReplay(IReadOnlyList<Fact> facts, InteractionType action, ItemVectors? vectors)
    {
        _facts = facts;
        _action = action;
        _vectors = vectors;
    }

    /// <summary>Days after its first appearance during which an item is cold.</summary>
    public int ColdDays { get; init; } = 14;

    /// <summary>Impressions before this moment only warm the state up: they make no rows.</summary>
    public Timestamp From { get; init; } = new(0);

    /// <summary>The columns of the rows.</summary>
    public FeatureSchema Schema { get; init; } = FeatureSchema.Standard;

    /// <summary>
    /// From this moment on the state stands still: of later events only items, users and a user's own likes are taken in, these into the recent list alone, and decayed
    /// counters and tables are read as of this moment. For protocols that freeze the counters; null where all goes on.
    /// </summary>
    public Timestamp? Standstill { get; init; }

    /// <summary>Threads, at least 1; the result does not depend on it.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Makes the rows.</summary>
    /// <param name="progress">Share done, 0 to 1.</param>
    /// <param name="cancel">Stops between impressions.</param>
    public TrainingSet Run(IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        var plan = ReplayPlan.Make(_facts, _action, From);
        var set = new TrainingSet(plan.Rows, Schema, [.. plan.Entries.Select(entry => entry.Group)]);
        var tables = Tables(plan, cancel);
        var created = Created();
        var read = 0;
        Parallel.For(0, Workers, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancel }, worker =>
        {
            var state = new RankingState();
            var reader = new FeatureReader(state, Schema) { Vectors = _vectors, Standstill = Standstill };
            var applied = 0;
            for (var i = worker; i < plan.Entries.Count; i += Workers)
            {
                cancel.ThrowIfCancellationRequested();
                var entry = plan.Entries[i];
                while (applied < _facts.Count && _facts[applied].Known < entry.Known) Apply(state, _facts[applied++]);
                reader.Affinity = tables[AffinitySchedule.Of(entry.Known, Standstill)].GetAwaiter().GetResult();
                reader.Begin(entry.Group.User, entry.Group.Time, entry.Surface);
                for (var at = 0; at < entry.Items.Length; at++)
                {
                    var row = entry.Group.First + at;
                    reader.Read(entry.Items[at], set.Features.AsSpan(row * set.Width, set.Width), entry.Positions[at]);
                    set.Items[row] = entry.Items[at];
                    set.Labels[row] = entry.Labels[at];
                    set.Cold[row] = created.TryGetValue(entry.Items[at], out var first) && entry.Group.Time - first < TimeSpan.FromDays(ColdDays);
                }
                if (Interlocked.Increment(ref read) % 64 == 0) progress?.Report((double)read / plan.Entries.Count);
            }
        });
        progress?.Report(1);
        return set;
    }

    /// <summary>With one worker they are made before, on its thread; with more beside the reading, which begins with the first.</summary>
    private IReadOnlyDictionary<Timestamp, Task<AffinityTable>> Tables(ReplayPlan plan, CancellationToken cancel)
    {
        var moments = plan.Entries.Select(entry => entry.Known);
        return Workers > 1
            ? AffinitySchedule.TablesAhead(_facts, moments, Schema.NeedsRatings, Standstill, cancel)
            : AffinitySchedule.Tables(_facts, moments, Schema.NeedsRatings, Standstill).ToDictionary(table => table.Key, table => Task.FromResult(table.Value));
    }

    private void Apply(RankingState state, in Fact fact)
    {
        if (Standstill is not { } still || fact.Known < still || fact.Event is ItemUpserted or UserUpserted) state.Apply(fact.Event);
        else if (fact.Event is Interaction interaction && interaction.Action.IsPositive()) state.Remember(interaction);
    }

    private Dictionary<ItemId, Timestamp> Created()
    {
        Dictionary<ItemId, Timestamp> created = [];
        foreach (var (source, _) in _facts)
        {
            if (source is not ItemUpserted version) continue;
            var time = version.Item.Created ?? version.Time;
            if (!created.TryGetValue(version.Item.Id, out var known) || time < known) created[version.Item.Id] = time;
        }
        return created;
    }
}
