using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Wire;
using Timestamp = Confluent.Kafka.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// Puts vectors on the stream and waits until all in-sync replicas have them. Overflow policy: the client's queue full → wait for room.
/// One thread at a time.
/// </summary>
internal sealed class EmbeddingPublisher : IDisposable
{
    private readonly KafkaConnection _connection;
    private readonly string _topic;
    private readonly TimeProvider _clock;
    private readonly IProducer<string, byte[]?> _producer;

    public EmbeddingPublisher(KafkaConnection connection, EmbeddingWorkerOptions options, TimeProvider clock)
    {
        (_connection, _topic, _clock) = (connection, options.Topics.Embeddings, clock);
        _producer = KafkaConnection.Built(() => new ProducerBuilder<string, byte[]?>(connection.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Zstd,
            LingerMs = 5,
            MessageTimeoutMs = (int)options.DeliveryTimeout.TotalMilliseconds,
            MessageMaxBytes = EventLimits.MessageBytes + (64 << 10), // and the batch's own header
            QueueBufferingMaxKbytes = 64 << 10,
            DeliveryReportFields = "status",
        })).SetLogHandler((_, line) => connection.Write(line)).SetErrorHandler((_, _) => { }).Build());
    }

    /// <summary>Publishes and returns once the brokers have all of it.</summary>
    /// <param name="messages">The partition (null: as the key's hash says), the item, and the vector (null: a tombstone).</param>
    /// <exception cref="RefusedException">The brokers did not take a message in time; some of the others may be on the stream.</exception>
    public void Publish(IEnumerable<(int? Partition, ItemId Item, byte[]? Value)> messages)
    {
        Error? failure = null;
        var (sent, done) = (0L, 0L);
        var now = new Timestamp(_clock.GetUtcNow().UtcDateTime);
        foreach (var (partition, item, value) in messages)
        {
            Send(new TopicPartition(_topic, partition ?? Partition.Any), new Message<string, byte[]?> { Key = item.Value, Value = value!, Timestamp = now }, report =>
            {
                if (report.Error.IsError) Interlocked.CompareExchange(ref failure, report.Error, null);
                Interlocked.Increment(ref done);
            });
            sent++;
        }
        // Every message is reported, delivered or timed out: this ends.
        while (Interlocked.Read(ref done) < sent) _producer.Flush(TimeSpan.FromMilliseconds(100));
        if (Volatile.Read(ref failure) is { } failed) throw KafkaRefusal.Of(_connection, $"publishing vectors to {_topic}", failed);
    }

    public void Dispose() => _producer.Dispose();

    private void Send(TopicPartition place, Message<string, byte[]?> message, Action<DeliveryReport<string, byte[]?>> report)
    {
        while (true)
        {
            try
            {
                _producer.Produce(place, message, report);
                return;
            }
            catch (ProduceException<string, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(50));
            }
            catch (KafkaException failed)
            {
                throw KafkaRefusal.Of(_connection, $"publishing vectors to {_topic}", failed.Error, failed);
            }
        }
    }
}
