using System.Globalization;

namespace Recs.Ingest.Tests;

/// <summary>The same code against Apache Kafka. Topics and groups are named by the time, so that a shared broker can be used again.</summary>
public sealed class RealBrokerTests(RealBroker broker) : IClassFixture<RealBroker>
{
    [Theory]
    [InlineData(PartitionAssignment.All)]
    [InlineData(PartitionAssignment.ClassicGroup)]
    [InlineData(PartitionAssignment.ConsumerGroup)]
    public async Task Ingest_DuplicatesAndGarbageByTwoWorkers_FactsAreExact(PartitionAssignment assignment)
    {
        var connection = broker.Connection();
        var topics = new Topics($"recs-{assignment}-{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}");
        await TopicCreation.EnsureAsync(connection, topics);
        await TopicCreation.EnsureAsync(connection, topics);
        using var producer = new EventProducer(connection, new ProducerOptions { Topics = topics });
        var facts = Some.Facts(4_000);
        var messages = facts.Shuffled(seed: 12, times: 2).Select(producer.ToRaw)
            .Concat(Enumerable.Range(0, 20).Select(i => new RawMessage(topics.Events, $"k{i}", [1, 2, 3], Some.Start)));
        Assert.Equal(8_020, producer.Publish(messages).Published);

        using var store = new MemoryEventStore();
        var options = new IngestOptions { Topics = topics, Group = topics.Prefix, Assignment = assignment };
        var workers = Enumerable.Range(0, assignment == PartitionAssignment.All ? 1 : 2).Select(seed => new EventConsumer(connection, store, options with { Seed = seed })).ToArray();
        await Task.WhenAll(workers.Select(worker => worker.RunUntilCaughtUpAsync())).WaitAsync(Some.Patience);

        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal((4_000, 20), (store.Count().Duplicates, store.DeadLetters.Count));

        var seen = 0;
        await using var follower = new StreamFollower(connection, new Dictionary<Storage.StreamPartition, long>(), new SeenEvents(), _ => seen++, topics);
        follower.Start();
        await follower.CaughtUp.WaitAsync(Some.Patience);
        Assert.Equal(4_000, seen);
    }
}
