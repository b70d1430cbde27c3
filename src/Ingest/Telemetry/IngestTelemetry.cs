using System.Diagnostics;
using System.Diagnostics.Metrics;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// What a worker does, for whoever listens: a meter and an activity source of the name <see cref="Name"/>, one activity a batch. Nothing is sent from here; a listener that
/// is not there costs next to nothing. Names and units follow OpenTelemetry; no tag holds an id, a text of a message or a secret. Safe from any thread.
/// </summary>
public sealed class IngestTelemetry : IDisposable
{
    /// <summary>Of the meter and of the activity source.</summary>
    public const string Name = "Recs.Ingest";

    private static readonly ActivitySource Activities = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly KeyValuePair<string, object?> _group;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _facts;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _embeddings;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _fenced;
    private readonly Histogram<long> _batchRows;
    private readonly Histogram<double> _commitSeconds;

    internal IngestTelemetry(string group, Func<IngestProgress> progress)
    {
        _group = new("messaging.consumer.group.name", group);
        _consumed = _meter.CreateCounter<long>("recs.ingest.consumed", "{message}", "Messages read, again after a fault too.");
        _facts = _meter.CreateCounter<long>("recs.ingest.facts", "{event}", "Events stored, dropped as resends, too late or of erased users, by outcome.");
        _deadLetters = _meter.CreateCounter<long>("recs.ingest.dead_letters", "{message}", "Refused messages stored, by reason.");
        _embeddings = _meter.CreateCounter<long>("recs.ingest.embeddings", "{vector}", "Item vectors stored or removed.");
        _retries = _meter.CreateCounter<long>("recs.ingest.store.retries", "{failure}", "Failures of the store that were tried again.");
        _fenced = _meter.CreateCounter<long>("recs.ingest.fenced", "{batch}", "Batches dropped because another worker had moved an offset.");
        _batchRows = _meter.CreateHistogram<long>("recs.ingest.batch.size", "{message}", "Messages of a transaction.",
            advice: new() { HistogramBucketBoundaries = [1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000] });
        _commitSeconds = _meter.CreateHistogram<double>("recs.ingest.commit.duration", "s", "Storing a batch, from the first try to its commit.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] });
        _meter.CreateObservableGauge("recs.ingest.lag", () => new Measurement<long>(progress().Lag, _group), "{message}", "Messages on the stream that are not stored yet, of this worker's partitions.");
        _meter.CreateObservableGauge("recs.ingest.partitions", () => new Measurement<long>(progress().Partitions, _group), "{partition}", "Partitions that this worker reads.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>The activity of a batch; null while nobody listens.</summary>
    internal static Activity? Begin(AppendBatch batch)
    {
        var activity = Activities.StartActivity("ingest batch", ActivityKind.Consumer);
        activity?.SetTag("messaging.system", "kafka").SetTag("recs.batch.facts", batch.Facts.Count)
            .SetTag("recs.batch.dead_letters", batch.DeadLetters.Count).SetTag("recs.batch.partitions", batch.Offsets.Count);
        return activity;
    }

    /// <summary>What became of a batch.</summary>
    internal void Stored(AppendBatch batch, AppendResult result, TimeSpan took)
    {
        Count(result.Appended, "stored");
        Count(result.Duplicates, "duplicate");
        Count(result.Late, "late");
        Count(result.Erased, "erased");
        foreach (var (reason, count) in batch.DeadLetters.CountBy(letter => letter.Rejection.Reason)) _deadLetters.Add(count, _group, new("reason", reason.ToString()));
        if (batch.Embeddings.Saved.Count + batch.Embeddings.Removed.Count is > 0 and var vectors) _embeddings.Add(vectors, _group);
        _batchRows.Record(batch.Offsets.Sum(move => move.To - move.From), _group);
        _commitSeconds.Record(took.TotalSeconds, _group);
    }

    internal void Fenced() => _fenced.Add(1, _group);

    internal void Retried() => _retries.Add(1, _group);

    internal void Consumed(long count) => _consumed.Add(count, _group);

    private void Count(int count, string outcome)
    {
        if (count > 0) _facts.Add(count, _group, new("outcome", outcome));
    }
}
