using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Features.State;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary>
/// Ingest as it runs, from brokers in this process into a store: what is on the stream is read, parsed, told apart from resends, appended with its
/// offsets and folded. The stream is filled in rounds, since the embedded brokers hold a limited amount; only reading is timed.
/// </summary>
internal sealed class IngestBench(FeedTraffic traffic, long events, int maxRows, TimeProvider clock)
{
    /// <summary>Events a round: some 3 MiB of the 5 MiB that a partition holds.</summary>
    private const long Round = 500_000;

    /// <summary>Runs ingest into <paramref name="url"/>, an empty store.</summary>
    /// <returns>Seconds that ingest took, and the state's digest.</returns>
    public async Task<IngestRun> Run(string url, IProgress<double> progress, CancellationToken cancel)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection, clock: clock);
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { MaxRows = maxRows }, clock);
        var seconds = 0.0;
        for (var first = 0L; first < events; first += Round)
        {
            var count = Math.Min(Round, events - first);
            await Task.Run(() => producer.Publish(traffic.Events(first, count), cancel: cancel), cancel);
            var begun = clock.GetTimestamp();
            await worker.RunUntilCaughtUpAsync(cancel);
            seconds += clock.GetElapsedTime(begun).TotalSeconds;
            progress.Report((double)(first + count) / events);
        }
        return new IngestRun(seconds, worker.Progress);
    }

    /// <summary>Loads the same events with nothing around them.</summary>
    /// <returns>Seconds that loading took; making the events is not counted.</returns>
    public double RunPlain(string url)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        var seconds = 0.0;
        for (var first = 0L; first < events; first += maxRows)
        {
            Fact[] batch = [.. traffic.Events(first, Math.Min(maxRows, events - first))];
            var begun = clock.GetTimestamp();
            PlainLoad.Run(store, [batch]);
            seconds += clock.GetElapsedTime(begun).TotalSeconds;
        }
        return seconds;
    }

    /// <exception cref="RefusedException">The store does not hold exactly the events that were sent.</exception>
    public void Check(string url)
    {
        using var store = EventStore.Open(url);
        var stored = FoldedState.Of(store.Read(new IngestOptions().Group).Facts.Select(fact => fact.Event)).Digest();
        var sent = FoldedState.Of(traffic.Events(0, events).Select(fact => fact.Event)).Digest();
        if (stored != sent) throw new RefusedException($"{store.Name} holds other events than were sent: digest {stored}, expected {sent}");
    }
}

/// <summary>What a run of ingest took and did.</summary>
internal sealed record IngestRun(double Seconds, IngestProgress Progress);
