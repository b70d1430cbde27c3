using Microsoft.Extensions.Time.Testing;
using Recs.Domain;

namespace Recs.Ingest.Tests;

public sealed class EventProducerTests
{
    [Fact]
    public async Task PublishAsync_OneEvent_IsKnownNow()
    {
        using var broker = new EmbeddedBroker();
        var now = new DateTimeOffset(2024, 6, 1, 12, 0, 0, TimeSpan.Zero);
        using var producer = new EventProducer(broker.Connection, clock: new FakeTimeProvider(now));
        await producer.PublishAsync(Some.Fact(7).Event).WaitAsync(Some.Patience);
        using var store = new MemoryEventStore();
        await new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(Timestamp.From(now), Assert.Single(store.Facts.Values).Known);
    }

    [Fact]
    public async Task PublishAsync_NoBroker_RefusesInOneLine()
    {
        using var producer = new EventProducer(new KafkaConnection("127.0.0.1:1"), new ProducerOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(300) });
        var refused = await Assert.ThrowsAsync<BrokersAwayException>(() => producer.PublishAsync(Some.Fact(7)).WaitAsync(Some.Patience));
        Assert.StartsWith("kafka at 127.0.0.1:1: publishing to recs.events: the brokers do not answer", refused.Message, StringComparison.Ordinal);
        Assert.Throws<BrokersAwayException>(() => producer.Publish(Some.Facts(3)));
    }

    [Fact]
    public void Options_OutOfRange_Refuse()
    {
        var nowhere = new KafkaConnection("127.0.0.1:1");
        Assert.Throws<RefusedException>(() => new EventProducer(nowhere, new ProducerOptions { Linger = TimeSpan.FromSeconds(2) }));
        Assert.Throws<RefusedException>(() => new EventProducer(nowhere, new ProducerOptions { WaitingBytesPerPartition = 1 }));
        Assert.Throws<RefusedException>(() => new EventProducer(nowhere with { BootstrapServers = " " }));
    }

    [Fact]
    public async Task Publish_MoreThanTheBrokerKeepsOfAPartition_WaitsForIngestAndLosesNothing()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        // Random bytes, so that compression saves nothing: 24 MB into partitions that keep 5 MiB.
        using var producer = new EventProducer(broker.Connection);
        var random = new Random(2);
        var messages = Enumerable.Range(0, 12_000).Select(_ =>
        {
            var bytes = new byte[2_000];
            random.NextBytes(bytes);
            return new RawMessage("recs.events", "k", bytes, Some.Start);
        });
        using var store = new MemoryEventStore();
        using var stop = new CancellationTokenSource();
        var worker = new EventConsumer(broker.Connection, store);
        var running = worker.RunAsync(stop.Token);
        var published = await Task.Run(() => producer.Publish(messages, worker.NextOffset)).WaitAsync(Some.Patience);
        await worker.WhenCommittedAsync(published.Next).WaitAsync(Some.Patience);
        Assert.Equal(12_000, store.DeadLetters.Count);
        await stop.CancelAsync();
        await running.WaitAsync(Some.Patience);
    }

    [Fact]
    public async Task Publish_NobodyIngests_StopsBelowWhatTheBrokerKeepsAndCanBeCancelled()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        using var cancel = new CancellationTokenSource();
        var sent = 0;
        var messages = Enumerable.Range(0, 100_000).Select(_ =>
        {
            Interlocked.Increment(ref sent);
            return new RawMessage("recs.events", "k", new byte[1_000], Some.Start);
        });
        var asked = new TaskCompletionSource();
        var publishing = Task.Run(() => producer.Publish(messages, _ =>
        {
            if (Volatile.Read(ref sent) > 1_500) asked.TrySetResult();
            return 0;
        }, cancel.Token));
        await asked.Task.WaitAsync(Some.Patience);
        await Task.WhenAny(publishing, Task.Delay(200));
        Assert.False(publishing.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.WaitAsync(Some.Patience));
        Assert.InRange(sent, 1_500, (3 << 20) / 1_000);
    }
}
