using Confluent.Kafka;
using Recs.Domain;

namespace Recs.Ingest.Tests;

/// <summary>What this project relies on of librdkafka's mock cluster, whose interface is experimental.</summary>
public sealed class EmbeddedBrokerTests
{
    [Fact]
    public void Start_Always_ListensOnLoopbackWithTheTopics()
    {
        using var broker = new EmbeddedBroker(brokers: 2);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Connection.BootstrapServers }).Build();
        var metadata = admin.GetMetadata(Some.Patience);
        Assert.All(metadata.Brokers, node => Assert.Equal("127.0.0.1", node.Host));
        Assert.Equal(2, metadata.Brokers.Count);
        var partitions = metadata.Topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
        Assert.Equal(4, partitions["recs.items"]);
        Assert.Equal(32, partitions["recs.events"]);
        Assert.Equal(5, partitions.Count);
    }

    [Fact]
    public async Task Messages_Always_KeepKeyBytesAndTimestamp()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var (partition, next) = await producer.PublishAsync(new RawMessage("recs.events", "k", [0, 255, 1], new Recs.Domain.Timestamp(1_300_000_000_123)));
        using var reader = new PartitionReader(broker.Connection, "g", PartitionAssignment.All, TimeProvider.System, null);
        reader.ReadFrom([partition], new Dictionary<Storage.StreamPartition, long> { [partition] = next - 1 });
        var read = Read(reader);
        Assert.Equal([0, 255, 1], read.Value?.ToArray());
        Assert.Equal("k"u8.ToArray(), read.Key?.ToArray());
        Assert.Equal(1_300_000_000_123, read.Stamp);
        Assert.Equal(next - 1, read.Offset);
    }

    [Fact]
    public async Task DeletedRecords_ReadFromBelow_AreAnErrorNotAJump()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var partition = default(Storage.StreamPartition);
        for (var i = 0; i < 5; i++) (partition, _) = await producer.PublishAsync(new RawMessage("recs.events", "k", [1], Some.Start));
        broker.DeleteRecords(partition.Topic, partition.Partition, 3);
        using var reader = new PartitionReader(broker.Connection, "g", PartitionAssignment.All, TimeProvider.System, null);
        reader.ReadFrom([partition], new Dictionary<Storage.StreamPartition, long> { [partition] = 1 });
        var failed = Assert.Throws<ConsumeException>(() => Read(reader));
        Assert.Equal(ErrorCode.Local_AutoOffsetReset, failed.Error.Code);
        Assert.Equal((3, 5), reader.Range(partition, default));
    }

    [Fact]
    public async Task Dispose_BeforeItsClientsAndTwice_IsSafe()
    {
        var broker = new EmbeddedBroker();
        var producer = new EventProducer(broker.Connection);
        await producer.PublishAsync(Some.Fact(7));
        broker.Dispose();
        broker.Dispose();
        producer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => broker.Create("late", 1));
    }

    [Fact]
    public void Create_TakenName_Refuses()
    {
        using var broker = new EmbeddedBroker();
        var refused = Assert.Throws<RefusedException>(() => broker.Create("recs.items", 4));
        Assert.Contains("recs.items", refused.Message, StringComparison.Ordinal);
    }

    private static StreamMessage Read(PartitionReader reader)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(deadline) < Some.Patience)
            if (reader.Consume(TimeSpan.FromMilliseconds(100)) is { IsEnd: false } read) return read;
        throw new TimeoutException("nothing was read");
    }
}
