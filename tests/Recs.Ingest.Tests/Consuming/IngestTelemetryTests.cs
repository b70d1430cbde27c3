using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Recs.Storage;

namespace Recs.Ingest.Tests;

public sealed class IngestTelemetryTests
{
    [Fact]
    public async Task Meter_ABusyWorker_CountsWhatTheProgressSays()
    {
        const string group = "metered"; // other tests run beside this one and measure too
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, on) =>
            {
                if (instrument.Meter.Name == IngestTelemetry.Name) on.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        var activities = new ConcurrentBag<Activity>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == IngestTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(traces);

        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(500).Shuffled(seed: 2, times: 2));
        producer.Publish([new RawMessage("recs.events", "k", [1], Some.Start), new RawMessage("recs.events", "k", null, Some.Start)]);
        var failures = 2;
        using var store = new MemoryEventStore
        {
            BeforeCommit = _ =>
            {
                if (failures-- > 0) throw new IOException("for a while");
            },
        };
        ConcurrentQueue<IngestNotice> notices = [];
        var options = new IngestOptions { Group = group, RetryPause = TimeSpan.FromMilliseconds(1), MaxRows = 100, Notice = notices.Enqueue };
        var progress = await new EventConsumer(broker.Connection, store, options).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);

        Assert.Equal(1_002, sums["recs.ingest.consumed"]);
        Assert.Equal((500, 500), (sums["recs.ingest.facts stored"], sums["recs.ingest.facts duplicate"]));
        Assert.Equal(2, sums["recs.ingest.dead_letters NotJson"]);
        Assert.Equal(2, sums["recs.ingest.store.retries"]);
        Assert.Equal(1_002, sums["recs.ingest.batch.size"]);
        Assert.True(sums["recs.ingest.commit.duration"] > 0);
        Assert.True(activities.Count >= progress.Batches);
        Assert.Equal(2, notices.OfType<IngestNotice.StoreFailed>().Count());
        Assert.Equal(2, notices.OfType<IngestNotice.Refused>().Sum(refused => refused.Letters.Count));
        Assert.Equal("for a while", notices.OfType<IngestNotice.StoreFailed>().First().Fault);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name;
            var mine = false;
            foreach (var (key, tag) in tags)
                if (key == "messaging.consumer.group.name") mine = (string?)tag == group;
                else name += $" {tag}";
            if (mine) sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        }
    }

    [Fact]
    public async Task Notice_Fenced_NamesTheOffset()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        producer.Publish([Some.Fact(7)]);
        using var store = new MemoryEventStore();
        var stolen = false;
        store.BeforeCommit = _ =>
        {
            if (stolen) return;
            stolen = true;
            store.Append(new AppendBatch([Some.Fact(7)], [], [new OffsetMove("recs-ingest", new("recs.events", 0), 0, 1)]));
        };
        ConcurrentQueue<IngestNotice> notices = [];
        await new EventConsumer(broker.Connection, store, new IngestOptions { Notice = notices.Enqueue }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Contains("is at 1, not 0", Assert.Single(notices.OfType<IngestNotice.WasFenced>()).Why, StringComparison.Ordinal);
    }
}
