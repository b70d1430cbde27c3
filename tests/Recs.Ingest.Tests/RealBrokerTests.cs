using System.Globalization;
using Recs.Ingest.Tests.Embeddings;

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

    [Fact]
    public async Task Reset_ByTimestamp_BeginsAtTheFirstMessageOfThatTime()
    {
        var connection = broker.Connection();
        var topics = new Topics($"recs-reset-{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}");
        await TopicCreation.EnsureAsync(connection, topics);
        using var producer = new EventProducer(connection, new ProducerOptions { Topics = topics });
        var facts = Some.Facts(1_000);
        producer.Publish(facts);
        using var store = new MemoryEventStore();
        var options = new IngestOptions { Topics = topics, Group = topics.Prefix, Reset = OffsetReset.At(facts[600].Known) };
        await new EventConsumer(connection, store, options).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(facts.Skip(600).Digest(), store.Facts.Values.Digest());
        Assert.Equal(600, store.Gaps(topics.Prefix).Sum(gap => gap.To - gap.From));
    }

    [Theory]
    [InlineData(PartitionAssignment.ClassicGroup)]
    [InlineData(PartitionAssignment.ConsumerGroup)]
    public async Task Embed_TwoWorkersAndARestart_EveryItemHasTheVectorOfItsNewestText(PartitionAssignment assignment)
    {
        var connection = broker.Connection();
        var topics = new Topics($"recs-embed-{assignment}-{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}");
        await TopicCreation.EnsureAsync(connection, topics);
        using var stream = new ItemStream(connection, topics);
        var options = new EmbeddingWorkerOptions { Group = topics.Prefix, Assignment = assignment, MaxItems = 50 };
        for (var n = 0; n < 400; n++) stream.Publish(n % 100, $"title {n}");
        await Task.WhenAll(stream.Work(new TextEmbedder(), options), stream.Work(new TextEmbedder(), options));
        stream.Publish(7, "later");
        stream.Publish(ItemStream.Version("gone", "i8", 1_000, "", Domain.Items.ItemStatus.Deleted));
        var again = new TextEmbedder();
        var progress = await stream.Work(again, options);
        Assert.Equal((1, 1), (progress.Made, progress.Removed));

        var titles = Enumerable.Range(300, 100).ToDictionary(n => $"i{n - 300}", n => n == 307 ? "later" : $"title {n}");
        titles.Remove("i8");
        Assert.Equal(string.Join(' ', titles.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}={item.Value}")),
            await stream.Vectors([.. Enumerable.Range(0, 400).Select(n => $"title {n}"), "later"]));
    }
}
