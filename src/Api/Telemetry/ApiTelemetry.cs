using System.Diagnostics.Metrics;
using Recs.Api.Contracts;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Ranker.Slates;

namespace Recs.Api.Telemetry;

/// <summary>
/// What the server does, for whoever listens: a meter of the name <see cref="Name"/>. Names and units follow OpenTelemetry; no tag holds an id of a person or an
/// item. Safe from any thread.
/// </summary>
public sealed class ApiTelemetry : IDisposable
{
    /// <summary>Of the meter.</summary>
    public const string Name = "Recs.Api";

    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1];
    private static readonly KeyValuePair<string, object?> Queue = new("stage", "queue");
    private static readonly KeyValuePair<string, object?>[] Stages = [.. Enum.GetValues<RankStage>().Select(stage => new KeyValuePair<string, object?>("stage", WireNames.Of(stage)))];
    private static readonly Dictionary<RemovalReason, KeyValuePair<string, object?>> Reasons = Enum.GetValues<RemovalReason>().ToDictionary(reason => reason, reason => new KeyValuePair<string, object?>("reason", WireNames.Of(reason)));

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stages;
    private readonly Histogram<long> _entries;
    private readonly Counter<long> _candidates;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _falls;
    private readonly Counter<long> _overloaded;
    private readonly Counter<long> _experiments;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _shadow;
    private readonly Histogram<double> _overlap;

    internal ApiTelemetry()
    {
        _duration = _meter.CreateHistogram<double>("recs.api.rank.duration", "s", "From a request, once its body was read, to its slate, by the step of the ladder.", advice: new() { HistogramBucketBoundaries = Seconds });
        _stages = _meter.CreateHistogram<double>("recs.api.rank.stage.duration", "s", "Each stage of a ranking, the wait in the queue among them.", advice: new() { HistogramBucketBoundaries = Seconds });
        _entries = _meter.CreateHistogram<long>("recs.api.rank.entries", "{item}", "Places filled in a slate, by kind.", advice: new() { HistogramBucketBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 1_000] });
        _candidates = _meter.CreateCounter<long>("recs.api.rank.candidates", "{item}", "Candidates by source.");
        _removed = _meter.CreateCounter<long>("recs.api.rank.removed", "{item}", "Candidates that the filters took out, by reason.");
        _skipped = _meter.CreateCounter<long>("recs.api.rank.sources.skipped", "{source}", "Sources that failed or were late.");
        _falls = _meter.CreateCounter<long>("recs.api.rank.falls", "{fault}", "Faults of the model or a feature, after which the ranking went on one step lower, by the step that failed.");
        _overloaded = _meter.CreateCounter<long>("recs.api.rank.overloaded", "{request}", "Rankings refused because too many ran and waited.");
        _experiments = _meter.CreateCounter<long>("recs.api.experiment.requests", "{request}", "Rankings by layer and arm.");
        _refused = _meter.CreateCounter<long>("recs.api.refused", "{request}", "Requests refused, by status.");
        _shadow = _meter.CreateCounter<long>("recs.api.shadow.requests", "{request}", "Requests of the shadow model's sample, by outcome.");
        _overlap = _meter.CreateHistogram<double>("recs.api.shadow.overlap", "1", "Share of a slate's items that the shadow model shows too.", advice: new() { HistogramBucketBoundaries = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999] });
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Shows what can be looked at now.</summary>
    internal void Watch(LiveState live, RankingQueue queue)
    {
        _meter.CreateObservableGauge("recs.api.rank.waiting", () => queue.Waiting, "{request}", "Rankings that wait for a place to run in.");
        _meter.CreateObservableGauge("recs.api.rank.running", () => queue.Running, "{request}", "Rankings that run.");
        _meter.CreateObservableGauge("recs.api.state.lag", () => live.Status.Lag, "{message}", "Messages on the stream that are not folded in yet.");
        _meter.CreateObservableGauge("recs.api.state.facts", () => live.Status.Facts, "{event}", "Events folded in.");
        _meter.CreateObservableGauge("recs.api.state.ready", () => live.Status.Ready ? 1 : 0, "1", "Whether the server says that it is ready.");
        _meter.CreateObservableGauge("recs.api.state.age", () => live.Status is { } status && status.Newest.Milliseconds > 0 ? live.AgeOf(status.Newest).TotalSeconds : 0, "s", "Age of the newest event folded in.");
    }

    /// <summary>An answered ranking.</summary>
    internal void Answered(RankedDecision decision)
    {
        _duration.Record(decision.Took.TotalSeconds, new KeyValuePair<string, object?>("degraded", StepNames.Of(decision)));
        if (_stages.Enabled && decision.Inputs.Times is { } times)
        {
            _stages.Record(decision.Queued.TotalSeconds, Queue);
            for (var stage = 0; stage < Stages.Length; stage++) _stages.Record(times[(RankStage)stage].TotalSeconds, Stages[stage]);
        }
        if (_candidates.Enabled)
            foreach (var (source, items) in decision.Inputs.Sources) _candidates.Add(items, new KeyValuePair<string, object?>("source", source));
        if (_removed.Enabled)
            foreach (var (reason, count) in decision.Inputs.Removed.CountBy(removal => removal.Reason)) _removed.Add(count, Reasons[reason]);
        if (decision.Inputs.SkippedSources.Count is > 0 and var skipped) _skipped.Add(skipped);
        var ads = decision.Slate.Entries.Count(entry => entry.Ad is not null);
        _entries.Record(decision.Slate.Entries.Count - ads, new KeyValuePair<string, object?>("kind", "content"));
        _entries.Record(ads, new KeyValuePair<string, object?>("kind", "ad"));
        foreach (var (layer, arm) in decision.Experiments ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty)
            _experiments.Add(1, new("layer", layer), new("arm", arm));
    }

    internal void Fell(Degradation from) => _falls.Add(1, new KeyValuePair<string, object?>("degraded", StepNames.Of(from)));

    internal void Overloaded() => _overloaded.Add(1);

    internal void Refused(int status) => _refused.Add(1, new KeyValuePair<string, object?>("status", status));

    internal void ShadowScored(double overlap)
    {
        _shadow.Add(1, new KeyValuePair<string, object?>("outcome", "scored"));
        _overlap.Record(overlap);
    }

    internal void ShadowDropped() => _shadow.Add(1, new KeyValuePair<string, object?>("outcome", "dropped"));

    internal void ShadowFailed() => _shadow.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
}
