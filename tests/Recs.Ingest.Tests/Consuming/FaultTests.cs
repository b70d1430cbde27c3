using System.Net.Sockets;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;
using Recs.Domain;
using Recs.Storage;

namespace Recs.Ingest.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task Store_FailsBeforeAndAfterCommitAtRandom_FactsAreExact()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(5_000);
        producer.Publish(facts.Shuffled(seed: 8, times: 2));
        var random = new Random(5);
        using var store = new MemoryEventStore
        {
            BeforeCommit = _ => ThrowAtTimes(random, "before"),
            AfterCommit = _ => ThrowAtTimes(random, "after"),
        };
        var options = new IngestOptions { MaxRows = 200, RetryPause = TimeSpan.FromMilliseconds(1) };
        var progress = await new EventConsumer(broker.Connection, store, options).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal(5_000, store.Count().Duplicates);
        Assert.True(progress is { Retries: > 10, Fenced: > 3 }, progress.ToString());
    }

    [Fact]
    public async Task Store_FailsLongerThanTheLimit_RefusesAndNothingIsLost()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(10));
        var clock = new FakeTimeProvider(new DateTimeOffset(2024, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var tries = 0;
        using var store = new MemoryEventStore
        {
            // Each try takes a minute of the clock, and the pause after it too.
            BeforeCommit = _ =>
            {
                tries++;
                clock.Advance(TimeSpan.FromMinutes(1));
                throw new IOException("disk full\nindeed");
            },
        };
        var options = new IngestOptions { MaxRows = 10, RetryLimit = TimeSpan.FromSeconds(150) };
        var running = new EventConsumer(broker.Connection, store, options, clock).RunUntilCaughtUpAsync();
        while (!running.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1); // the clock runs fifty times as fast as the world, so that a busy machine gets its tries in
        }
        var refused = await Assert.ThrowsAsync<RefusedException>(() => running);
        Assert.Equal("memory did not take a batch for 150 s; nothing is lost, start ingest again when it works. Last: disk full indeed", refused.Message);
        Assert.InRange(tries, 2, 3);
        store.BeforeCommit = null;
        await new EventConsumer(broker.Connection, store, options).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(10, store.Facts.Count);
    }

    [Fact]
    public async Task Store_Bug_EndsTheWorkerAtOnce()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var published = producer.Publish(Some.Facts(10));
        using var store = new MemoryEventStore { BeforeCommit = _ => throw new InvalidCastException("a bug") };
        var worker = new EventConsumer(broker.Connection, store);
        await Assert.ThrowsAsync<InvalidCastException>(() => worker.RunAsync(default).WaitAsync(Some.Patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => worker.WhenCommittedAsync(published.Next));
    }

    [Fact]
    public async Task Fenced_ByAnotherWorker_DropsItsBufferAndGoesOnBehindIt()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        var facts = Enumerable.Range(0, 40).Select(number => Some.Fact((number * 10) + 7)).ToArray();
        var published = producer.Publish(facts);
        using var store = new MemoryEventStore();
        var partition = new StreamPartition("recs.events", 0);
        var stolen = false;
        store.BeforeCommit = _ =>
        {
            if (stolen) return;
            stolen = true;
            // Another worker has stored the first ten meanwhile.
            store.Append(new AppendBatch(facts[..10], [], [new OffsetMove("recs-ingest", partition, 0, 10)]));
        };
        var worker = new EventConsumer(broker.Connection, store);
        var progress = await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal((1, 30, 0), (progress.Fenced, progress.Appended, progress.Duplicates));
        Assert.Equal(40, store.Offsets("recs-ingest")[partition]);
    }

    [Fact]
    public async Task Brokers_TransportErrorsLeaderMovesAndOutage_AreRecovered()
    {
        using var broker = new EmbeddedBroker(brokers: 3, eventPartitions: 4);
        using var producer = new EventProducer(broker.Connection);
        using var store = new MemoryEventStore();
        using var stop = new CancellationTokenSource();
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { MaxRows = 100 });
        var running = worker.RunAsync(stop.Token);
        var facts = Some.Facts(2_000);

        await Committed(producer.Publish(facts.Take(500)));
        broker.Fail(KafkaRequest.Fetch, ErrorCode.Local_Transport, ErrorCode.NotLeaderForPartition, ErrorCode.Local_Transport);
        broker.Fail(KafkaRequest.Produce, ErrorCode.NotLeaderForPartition, ErrorCode.RequestTimedOut, ErrorCode.Local_Transport);
        await Committed(producer.Publish(facts.Skip(500).Take(500)));
        broker.SetLeader("recs.events", 0, 3);
        broker.SetLeader("recs.events", 1, 2);
        await Committed(producer.Publish(facts.Skip(1_000).Take(500)));
        broker.SetDown();
        var late = producer.PublishAsync(facts.Skip(1_500));
        await Task.WhenAny(late, Task.Delay(TimeSpan.FromMilliseconds(300)));
        Assert.False(late.IsCompleted);
        broker.SetUp();
        await Committed(await late);

        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        await stop.CancelAsync();
        await running.WaitAsync(Some.Patience);
        Task Committed(PublishResult published) => worker.WhenCommittedAsync(published.Next).WaitAsync(Some.Patience);
    }

    private static void ThrowAtTimes(Random random, string when)
    {
        if (random.Next(4) == 0) throw random.Next(2) == 0 ? new IOException($"injected {when}") : new SocketException((int)SocketError.ConnectionReset);
    }
}
