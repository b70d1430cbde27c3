using Confluent.Kafka;

namespace Recs.Ingest.Tests;

public sealed class GroupTests
{
    [Theory]
    [InlineData(PartitionAssignment.ConsumerGroup)]
    [InlineData(PartitionAssignment.ClassicGroup)]
    public async Task Group_WorkersJoinLeaveAndAreExpelled_FactsAreExact(PartitionAssignment assignment)
    {
        using var broker = new EmbeddedBroker(eventPartitions: 8);
        using var producer = new EventProducer(broker.Connection);
        using var store = new MemoryEventStore();
        var random = new Random(3);
        store.BeforeCommit = _ =>
        {
            lock (random) if (random.Next(10) == 0) throw new IOException("injected");
        };
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var first = Worker(1);
        var second = Worker(2);
        var facts = Some.Facts(6_000);
        var shuffled = facts.Shuffled(seed: 9, times: 2);

        var runningFirst = first.RunAsync(stopFirst.Token);
        producer.Publish(shuffled.Take(4_000));
        var runningSecond = second.RunAsync(stopSecond.Token);
        await Until(() => second.Progress.Partitions > 0, second, runningSecond);
        producer.Publish(shuffled.Skip(4_000).Take(4_000));
        broker.Fail(assignment == PartitionAssignment.ConsumerGroup ? KafkaRequest.ConsumerGroupHeartbeat : KafkaRequest.Heartbeat, ErrorCode.UnknownMemberId);
        producer.Publish(shuffled.Skip(8_000).Take(2_000));
        await stopFirst.CancelAsync();
        await runningFirst.WaitAsync(Some.Patience);
        producer.Publish(shuffled.Skip(10_000));
        await Until(() => store.Facts.Count == facts.Count && store.Count().Duplicates == facts.Count, second, runningSecond);

        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.True(first.Progress.Batches > 0 && second.Progress.Batches > 0);
        await stopSecond.CancelAsync();
        await runningSecond.WaitAsync(Some.Patience);

        EventConsumer Worker(int seed) => new(
            assignment == PartitionAssignment.ClassicGroup
                ? broker.Connection with { Options = new Dictionary<string, string> { ["session.timeout.ms"] = "2000", ["heartbeat.interval.ms"] = "300" } }
                : broker.Connection,
            store,
            new IngestOptions { Assignment = assignment, MaxRows = 200, RetryPause = TimeSpan.FromMilliseconds(1), Seed = seed });
    }

    [Fact]
    public async Task CaughtUp_InAGroup_Ends()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 8);
        using var producer = new EventProducer(broker.Connection);
        using var store = new MemoryEventStore();
        producer.Publish(Some.Facts(500));
        var options = new IngestOptions { Assignment = PartitionAssignment.ConsumerGroup };
        var both = await Task.WhenAll(Run(), Run()).WaitAsync(Some.Patience);
        Assert.Equal(500, both.Sum(progress => progress.Appended));
        Assert.Equal(500, store.Facts.Count);
        Task<IngestProgress> Run() => new EventConsumer(broker.Connection, store, options).RunUntilCaughtUpAsync();
    }

    [Theory]
    [InlineData(PartitionAssignment.ConsumerGroup)]
    [InlineData(PartitionAssignment.ClassicGroup)]
    public async Task Stop_InTheMiddleOfAnAssignment_EndsSoon(PartitionAssignment assignment)
    {
        using var broker = new EmbeddedBroker(eventPartitions: 8);
        var random = new Random(5);
        var connection = assignment == PartitionAssignment.ClassicGroup
            ? broker.Connection with { Options = new Dictionary<string, string> { ["session.timeout.ms"] = "2000", ["heartbeat.interval.ms"] = "300" } }
            : broker.Connection;
        for (var round = 0; round < 12; round++)
        {
            using var store = new MemoryEventStore();
            using var stop = new CancellationTokenSource();
            var running = new EventConsumer(connection, store, new IngestOptions { Assignment = assignment, Group = $"g{round}" }).RunAsync(stop.Token);
            // Anywhere between connecting and the first fetch: nothing announces the moment at which closing used to hang.
            await Task.Delay(random.Next(20, 500));
            await stop.CancelAsync();
            await running.WaitAsync(TimeSpan.FromSeconds(5));
        }
    }

    // The group's protocol decides when a rebalance is over, and nothing announces it: the state is asked for, with a limit.
    private static async Task Until(Func<bool> reached, EventConsumer worker, Task running)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!reached())
        {
            if (running.IsFaulted) await running;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Some.Patience, worker.Progress.ToString());
            await Task.Delay(10);
        }
    }
}
