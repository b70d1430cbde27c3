using System.Globalization;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ingest;
using Recs.Pipelines.Bench.Ingest;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Freshness;

/// <summary>
/// How long it takes from publishing an event until an answer shows it: new items are published into a steady stream of other events, and ranking is
/// asked for each until it stands in the slate. Brokers, ingest into a DuckDB file, and the state that ranks are all in this process; HTTP is not.
/// </summary>
internal sealed class FreshnessBench(RankerModel model, int rate, int probes, TimeProvider clock)
{
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(50), Look = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs beside a file in <paramref name="folder"/>.</summary>
    /// <returns>Milliseconds of each probe, sorted.</returns>
    /// <exception cref="RefusedException">An item was not to be seen within 30 s.</exception>
    public async Task<FreshnessRun> Run(string folder, CancellationToken cancel)
    {
        using var broker = new EmbeddedBroker();
        using var store = EventStore.Open($"duckdb:{folder}/fresh.duckdb");
        store.Migrate();
        await using var live = LiveState.Load(store, model, clock: clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ingesting = new EventConsumer(broker.Connection, store, clock: clock).RunAsync(stop.Token);
        live.Follow(broker.Connection);
        using var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) }, clock);
        var traffic = Task.Run(() => Traffic(producer, stop.Token), CancellationToken.None);
        await live.CaughtUp.WaitAsync(Patience, cancel);
        await live.Warm.WaitAsync(Patience, cancel);
        var times = new double[probes];
        for (var probe = 0; probe < probes; probe++)
        {
            times[probe] = await Probe(producer, live, probe, cancel);
            await Task.Delay(ProbeEvery, cancel);
        }
        await stop.CancelAsync();
        var sent = await traffic;
        await ingesting;
        Array.Sort(times);
        return new FreshnessRun(times, sent);
    }

    private async Task<double> Probe(EventProducer producer, LiveState live, int number, CancellationToken cancel)
    {
        var (now, name) = (Timestamp.Now(clock), string.Create(CultureInfo.InvariantCulture, $"probe-{number}"));
        var item = new Item { Id = new ItemId(name), Title = name, Category = "probe" };
        var begun = clock.GetTimestamp();
        var published = producer.PublishAsync(new ItemUpserted(new EventId(name), now, item), cancel);
        while (true)
        {
            var slate = live.Rank(new RankRequest(new UserId("user-1"), "home", 1, [ItemKind.Content], [item.Id], Explain: false, Timestamp.Now(clock)));
            var waited = clock.GetElapsedTime(begun);
            if (slate.Entries.Count == 1)
            {
                await published;
                return waited.TotalMilliseconds;
            }
            if (waited > Patience) throw new RefusedException($"item {name} was not in a ranking answer {Patience.TotalSeconds:0} s after it was published");
            await Task.Delay(Look, cancel);
        }
    }

    /// <summary>As many events a second as asked for, in small portions.</summary>
    private async Task<long> Traffic(EventProducer producer, CancellationToken stop)
    {
        var events = new FeedTraffic(2);
        var (begun, sent) = (clock.GetTimestamp(), 0L);
        while (!stop.IsCancellationRequested)
        {
            var due = (long)(clock.GetElapsedTime(begun).TotalSeconds * rate) - sent;
            if (due > 0)
            {
                producer.Publish(events.Events(sent, due), cancel: CancellationToken.None);
                sent += due;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
        return sent;
    }
}

/// <summary>What was found.</summary>
/// <param name="Milliseconds">From publishing to the answer, sorted.</param>
/// <param name="Sent">Other events meanwhile.</param>
internal sealed record FreshnessRun(double[] Milliseconds, long Sent);
