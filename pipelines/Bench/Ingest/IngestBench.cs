using Recs.Domain;
using Recs.Features.State;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary>
/// Ingest as it runs, from brokers in this process into a store: what is on the stream is read, parsed, told apart from resends, appended with its
/// offsets and folded. The stream is filled in rounds, since the embedded brokers hold a limited amount; only reading is timed.
/// </summary>
internal sealed class IngestBench(FeedTraffic traffic, long events, int maxRows, TimeProvider clock)
{
    /// <summary>Events a round: some 3 MiB of the 5 MiB that a partition holds.</summary>
    private const long RoundEvents = 500_000;

    /// <summary>Events ingested before the clock starts: a worker runs for weeks, and its code is compiled in the first seconds.</summary>
    public const long WarmUp = 300_000;

    /// <summary>Runs ingest into <paramref name="url"/>, an empty store, and folds beside it; a round ends when its last batch is folded.</summary>
    public async Task<IngestRun> Run(string url, Action<string> tell, CancellationToken cancel)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        using var fold = new LiveFold(EventStore.Open(url), TimeSpan.Zero, clock);
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection, clock: clock);
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { MaxRows = maxRows, Stored = fold.Stored }, clock);
        var rounds = await Rounds(producer, async () =>
        {
            await worker.RunUntilCaughtUpAsync(cancel);
            await fold.WhenFoldedAsync();
        }, tell, cancel);
        // The snapshot kept at the end does not happen at every end of a second, so it is timed apart.
        var ending = clock.GetTimestamp();
        var folded = fold.Finish(Timeout.InfiniteTimeSpan)!;
        return new IngestRun(rounds, clock.GetElapsedTime(ending).TotalSeconds, worker.Progress.Batches, folded.Folded.Digest());
    }

    /// <summary>The same by a group of workers, each with its own connection and its share of the partitions. A fold needs all batches, so there is none.</summary>
    public async Task<IngestRun> RunGroup(string url, int count, Action<string> tell, CancellationToken cancel)
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection, clock: clock);
        var stores = Enumerable.Range(0, count).Select(_ => EventStore.Open(url)).ToList();
        try
        {
            foreach (var store in stores) store.Migrate();
            var workers = stores.Select((store, number) => new EventConsumer(broker.Connection, store,
                new IngestOptions { MaxRows = maxRows, Assignment = PartitionAssignment.ConsumerGroup, Seed = number + 1 }, clock)).ToList();
            var rounds = await Rounds(producer, () => Task.WhenAll(workers.Select(worker => worker.RunUntilCaughtUpAsync(cancel))), tell, cancel);
            return new IngestRun(rounds, 0, workers.Sum(worker => worker.Progress.Batches), null);
        }
        finally
        {
            foreach (var store in stores) store.Dispose();
        }
    }

    /// <summary>Loads the same events with nothing around them.</summary>
    /// <returns>Seconds that loading took, and that all threads worked meanwhile; making the events is not counted.</returns>
    public (double Seconds, double Processor) RunPlain(string url, CancellationToken cancel)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        var (seconds, processor) = (0.0, 0.0);
        PlainLoad.Run(store, [[.. traffic.Events(0, WarmUp)]]);
        for (var first = WarmUp; first < WarmUp + events; first += maxRows)
        {
            cancel.ThrowIfCancellationRequested();
            Domain.Events.Fact[] batch = [.. traffic.Events(first, Math.Min(maxRows, WarmUp + events - first))];
            var (begun, busy) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime);
            PlainLoad.Run(store, [batch]);
            seconds += clock.GetElapsedTime(begun).TotalSeconds;
            processor += (Environment.CpuUsage.TotalTime - busy).TotalSeconds;
        }
        return (seconds, processor);
    }

    /// <exception cref="RefusedException">The store, or the fold beside it, does not hold exactly the events that were sent.</exception>
    public void Check(string url, IngestRun run)
    {
        using var store = EventStore.Open(url);
        var stored = StoredFold.FromFacts(store).Folded.Digest();
        var sent = FoldedState.Of(traffic.Events(0, WarmUp + events).Select(fact => fact.Event)).Digest();
        if (stored != sent || (run.Digest ?? sent) != sent)
            throw new RefusedException($"{store.Name} holds other events than were sent: digest of the facts {stored}, of the fold beside ingest {run.Digest}, expected {sent}");
    }

    private async Task<IReadOnlyList<IngestRound>> Rounds(EventProducer producer, Func<Task> ingest, Action<string> tell, CancellationToken cancel)
    {
        await Round(0, WarmUp);
        var rounds = new List<IngestRound>();
        for (var first = 0L; first < events; first += RoundEvents)
        {
            var count = Math.Min(RoundEvents, events - first);
            var round = await Round(WarmUp + first, count);
            rounds.Add(round);
            tell(FormattableString.Invariant($"{first + count:N0} events, {count / round.Seconds:N0} a second in this round, {round.ProcessorSeconds / count * 1e6:0.0} µs of processor time each, {ByteSize.Text(round.Resident)} resident, {ByteSize.Text(round.Heap)} of it managed; garbage collected {round.Collections} times, {round.PauseSeconds:0.00} s"));
        }
        return rounds;

        async Task<IngestRound> Round(long first, long count)
        {
            await Task.Run(() => producer.Publish(traffic.Events(first, count), cancel: cancel), cancel);
            var (begun, busy, collections, paused) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, Collections(), GC.GetTotalPauseDuration());
            await ingest();
            return new IngestRound(first + count, clock.GetElapsedTime(begun).TotalSeconds, (Environment.CpuUsage.TotalTime - busy).TotalSeconds,
                Environment.WorkingSet, GC.GetGCMemoryInfo().HeapSizeBytes, Collections() - collections, (GC.GetTotalPauseDuration() - paused).TotalSeconds);
        }

        // Of young objects, the count holds the others too.
        static int Collections() => GC.CollectionCount(0);
    }
}

/// <summary>What a run of ingest took and did.</summary>
/// <param name="Rounds">In their order, without the one that warms up.</param>
/// <param name="FinishSeconds">Of the snapshot of the fold at the end.</param>
/// <param name="Batches">Transactions.</param>
/// <param name="Digest">Of the fold beside ingest; null without one.</param>
internal sealed record IngestRun(IReadOnlyList<IngestRound> Rounds, double FinishSeconds, long Batches, string? Digest)
{
    /// <summary>Of ingest, over all rounds.</summary>
    public double Seconds => Rounds.Sum(round => round.Seconds);

    /// <summary>That all threads of the process worked meanwhile, the embedded brokers' too.</summary>
    public double ProcessorSeconds => Rounds.Sum(round => round.ProcessorSeconds);
}

/// <summary>What was read at the end of a round.</summary>
/// <param name="Events">Sent since the beginning, those that warm up among them.</param>
/// <param name="Seconds">Of ingest in this round.</param>
/// <param name="ProcessorSeconds">Of all threads in this round.</param>
/// <param name="Resident">Memory of the process, bytes.</param>
/// <param name="Heap">Of it managed, as of the last collection.</param>
/// <param name="Collections">Of garbage in this round.</param>
/// <param name="PauseSeconds">That they stopped all threads.</param>
internal sealed record IngestRound(long Events, double Seconds, double ProcessorSeconds, long Resident, long Heap, int Collections, double PauseSeconds);
