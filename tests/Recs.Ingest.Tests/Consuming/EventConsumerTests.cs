using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Ingest.Tests;

public sealed class EventConsumerTests
{
    [Fact]
    public async Task CaughtUp_DuplicatesInRandomOrder_StoresTheDistinctFacts()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(3_000);
        var published = producer.Publish(facts.Shuffled(seed: 4, times: 3));
        using var store = new MemoryEventStore();
        var worker = new EventConsumer(broker.Connection, store);
        var progress = await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(9_000, published.Published);
        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal((9_000, 3_000, 6_000, 0), (progress.Consumed, progress.Appended, progress.Duplicates, progress.DeadLetters));
        Assert.Equal((0, 40), (progress.Lag, progress.Partitions));
        Assert.Equal(published.Next.OrderBy(entry => entry.Key.ToString()), store.Offsets("recs-ingest").OrderBy(entry => entry.Key.ToString()));
        Assert.All(published.Next, entry => Assert.Equal(entry.Value, worker.NextOffset(entry.Key)));
    }

    [Fact]
    public async Task Run_WhilePublishing_WhenCommittedTellsTheEnd()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        using var store = new MemoryEventStore();
        using var stop = new CancellationTokenSource();
        var worker = new EventConsumer(broker.Connection, store);
        var running = worker.RunAsync(stop.Token);
        var published = await producer.PublishAsync(Some.Facts(2_000), worker.NextOffset);
        await worker.WhenCommittedAsync(published.Next).WaitAsync(Some.Patience);
        Assert.Equal(2_000, store.Facts.Count);
        var (partition, next) = await producer.PublishAsync(Some.Fact(5_000));
        await worker.WhenCommittedAsync(new Dictionary<StreamPartition, long> { [partition] = next }).WaitAsync(Some.Patience);
        Assert.Equal(2_001, store.Facts.Count);
        await stop.CancelAsync();
        await running.WaitAsync(Some.Patience);
    }

    [Fact]
    public async Task Stop_WithMessagesBuffered_StoresThemFirst()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(10));
        using var store = new MemoryEventStore();
        using var stop = new CancellationTokenSource();
        // Nothing falls due by itself: neither rows nor time.
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { MaxWait = TimeSpan.FromSeconds(60) });
        var running = worker.RunAsync(stop.Token);
        while (worker.Progress.Consumed < 10) await Task.Yield();
        Assert.Empty(store.Facts);
        await stop.CancelAsync();
        await running.WaitAsync(Some.Patience);
        Assert.Equal(10, store.Facts.Count);
    }

    [Fact]
    public async Task Restart_BetweenBatches_GoesOnWhereTheStoreStands()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(4_000);
        producer.Publish(facts.Shuffled(seed: 1, times: 2));
        using var store = new MemoryEventStore();
        var runs = 0;
        for (var done = false; !done; runs++)
        {
            using var stop = new CancellationTokenSource();
            var batches = 0;
            store.AfterCommit = _ =>
            {
                if (++batches == 3) stop.Cancel();
            };
            try
            {
                await new EventConsumer(broker.Connection, store, new IngestOptions { MaxRows = 500 }).RunUntilCaughtUpAsync(stop.Token).WaitAsync(Some.Patience);
                done = true;
            }
            catch (OperationCanceledException)
            {
            }
        }
        Assert.True(runs > 3, $"{runs} runs");
        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal(4_000, store.Count().Duplicates);
    }

    [Fact]
    public async Task CaughtUp_EmptyStreamAndAgain_Ends()
    {
        using var broker = new EmbeddedBroker();
        using var store = new MemoryEventStore();
        var worker = new EventConsumer(broker.Connection, store);
        Assert.Equal(0, (await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience)).Consumed);
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(100));
        Assert.Equal(100, (await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience)).Appended);
        Assert.Equal(100, (await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience)).Appended);
    }

    [Fact]
    public async Task Run_WhatIsNextWasDropped_RefusesWithTheOffsets()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var published = producer.Publish(Enumerable.Range(0, 10).Select(i => Some.Fact(7) with { Known = Some.Start.Plus(TimeSpan.FromSeconds(i)) }));
        var (partition, _) = Assert.Single(published.Next);
        broker.DeleteRecords(partition.Topic, partition.Partition, 4);
        using var store = new MemoryEventStore();
        var worker = new EventConsumer(broker.Connection, store);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience));
        Assert.Contains($"topic recs.events, partition {partition.Partition}: offset 0 is next for group 'recs-ingest', but the stream holds 4 to 10: 4 messages were dropped",
            refused.Message, StringComparison.Ordinal);
        Assert.Empty(store.Facts);
        Assert.Throws<RefusedException>(() => worker.NextOffset(partition));
        await Assert.ThrowsAsync<RefusedException>(() => worker.WhenCommittedAsync(published.Next));
    }

    [Fact]
    public async Task Run_NeverReadOnACluster_StartsAtTheOldestKept()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var published = producer.Publish(Enumerable.Repeat(Some.Fact(7), 10));
        var (partition, _) = Assert.Single(published.Next);
        broker.DeleteRecords(partition.Topic, partition.Partition, 4);
        using var store = new MemoryEventStore();
        var progress = await new EventConsumer(broker.Connection with { Embedded = false }, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal((6, 1), (progress.Consumed, progress.Appended));
        Assert.Equal(10, store.Offsets("recs-ingest")[partition]);
    }

    [Fact]
    public async Task Run_StoreAheadOfTheStream_RefusesSinceTheTopicIsAnother()
    {
        using var broker = new EmbeddedBroker();
        using var store = new MemoryEventStore();
        store.Append(new AppendBatch([], [], [new OffsetMove("recs-ingest", new("recs.events", 3), 0, 812)]));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience));
        Assert.Contains("offset 812 is next for group 'recs-ingest', but the stream holds 0 to 0: the topic is not the one that was read before", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoBroker_RefusesInOneLine()
    {
        using var store = new MemoryEventStore();
        var nobody = new KafkaConnection("127.0.0.1:1") { ConnectTimeout = TimeSpan.FromSeconds(1) };
        var refused = await Assert.ThrowsAsync<BrokersAwayException>(() => new EventConsumer(nobody, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience));
        Assert.StartsWith("kafka at 127.0.0.1:1: looking up topic recs.items: the brokers do not answer", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Run_UnknownOption_RefusesInOneLine()
    {
        using var broker = new EmbeddedBroker();
        using var store = new MemoryEventStore();
        var options = new IngestOptions { Group = "" };
        Assert.Throws<RefusedException>(() => new EventConsumer(broker.Connection, store, options));
        var bad = broker.Connection with { Options = new Dictionary<string, string> { ["no.such.option"] = "1" } };
        var refused = await Assert.ThrowsAsync<RefusedException>(() => new EventConsumer(bad, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience));
        Assert.Contains("no.such.option", refused.Message, StringComparison.Ordinal);
    }
}
