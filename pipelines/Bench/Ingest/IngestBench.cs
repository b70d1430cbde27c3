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
    private const long Round = 500_000;

    /// <summary>Events ingested before the clock starts: a worker runs for weeks, and its code is compiled in the first seconds.</summary>
    public const long WarmUp = 300_000;

    /// <summary>Runs ingest into <paramref name="url"/>, an empty store, and folds beside it.</summary>
    public async Task<IngestRun> Run(string url, Action<string> tell, CancellationToken cancel)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        using var fold = new LiveFold(EventStore.Open(url), TimeSpan.Zero, clock);
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection, clock: clock);
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { MaxRows = maxRows, Stored = fold.Stored }, clock);
        await Ingest(0, WarmUp);
        var (seconds, processor, resident) = (0.0, 0.0, new List<long>());
        for (var first = 0L; first < events; first += Round)
        {
            var count = Math.Min(Round, events - first);
            var (round, busy) = await Ingest(WarmUp + first, count);
            (seconds, processor) = (seconds + round, processor + busy);
            resident.Add(Environment.WorkingSet);
            tell(FormattableString.Invariant($"{first + count:N0} events, {count / round:N0} a second in this round, {ByteSize.Text(resident[^1])} resident"));
        }
        // What the fold has not taken yet belongs to the time too; the snapshot it keeps at the end does not happen at every end of a second.
        var ending = clock.GetTimestamp();
        var folded = fold.Finish(Timeout.InfiniteTimeSpan)!;
        var finish = clock.GetElapsedTime(ending).TotalSeconds;
        return new IngestRun(seconds, processor, finish, worker.Progress, resident, folded.Folded.Digest());

        async Task<(double Seconds, double Processor)> Ingest(long first, long count)
        {
            await Task.Run(() => producer.Publish(traffic.Events(first, count), cancel: cancel), cancel);
            var (begun, busy) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await worker.RunUntilCaughtUpAsync(cancel);
            return (clock.GetElapsedTime(begun).TotalSeconds, (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
        }
    }

    /// <summary>Loads the same events with nothing around them.</summary>
    /// <returns>Seconds that loading took; making the events is not counted.</returns>
    public double RunPlain(string url, CancellationToken cancel)
    {
        using var store = EventStore.Open(url);
        store.Migrate();
        var seconds = 0.0;
        PlainLoad.Run(store, [[.. traffic.Events(0, WarmUp)]]);
        for (var first = WarmUp; first < WarmUp + events; first += maxRows)
        {
            cancel.ThrowIfCancellationRequested();
            Domain.Events.Fact[] batch = [.. traffic.Events(first, Math.Min(maxRows, WarmUp + events - first))];
            var begun = clock.GetTimestamp();
            PlainLoad.Run(store, [batch]);
            seconds += clock.GetElapsedTime(begun).TotalSeconds;
        }
        return seconds;
    }

    /// <exception cref="RefusedException">The store, or the fold beside it, does not hold exactly the events that were sent.</exception>
    public void Check(string url, IngestRun run)
    {
        using var store = EventStore.Open(url);
        var stored = StoredFold.FromFacts(store).Folded.Digest();
        var sent = FoldedState.Of(traffic.Events(0, WarmUp + events).Select(fact => fact.Event)).Digest();
        if (stored != sent || run.Digest != sent)
            throw new RefusedException($"{store.Name} holds other events than were sent: digest of the facts {stored}, of the fold beside ingest {run.Digest}, expected {sent}");
    }
}

/// <summary>What a run of ingest took and did.</summary>
/// <param name="Seconds">Of ingest, over all rounds.</param>
/// <param name="ProcessorSeconds">That all threads of the process worked meanwhile, the embedded brokers' too.</param>
/// <param name="FinishSeconds">Of the fold after the last batch, its snapshot included.</param>
/// <param name="Progress">Of the worker.</param>
/// <param name="Resident">Memory in use after each round, bytes.</param>
/// <param name="Digest">Of the fold beside ingest.</param>
internal sealed record IngestRun(double Seconds, double ProcessorSeconds, double FinishSeconds, IngestProgress Progress, IReadOnlyList<long> Resident, string Digest);
