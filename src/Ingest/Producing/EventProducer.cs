using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// Publishes events: keyed so that one partition sees all of a key in order, idempotent within this producer's life
/// (what a caller sends twice is found by event id downstream), acknowledged by all replicas.
/// Safe from any thread. Dispose waits up to ten seconds for what is under way.
/// </summary>
public sealed class EventProducer : IDisposable
{
    private readonly KafkaConnection _connection;
    private readonly ProducerOptions _options;
    private readonly TimeProvider _clock;
    private readonly IProducer<string?, byte[]?> _producer;

    /// <summary>Makes a producer; brokers are first spoken to when something is published.</summary>
    /// <param name="connection">Where the brokers are.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="clock">Says when an event published alone became known; null for the system's.</param>
    /// <exception cref="RefusedException">An option is out of range or unknown to the client.</exception>
    public EventProducer(KafkaConnection connection, ProducerOptions? options = null, TimeProvider? clock = null)
    {
        _connection = connection;
        _options = options ?? new ProducerOptions();
        _options.Validate();
        _clock = clock ?? TimeProvider.System;
        _producer = KafkaConnection.Built(() => new ProducerBuilder<string?, byte[]?>(connection.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Zstd,
            LingerMs = _options.Linger.TotalMilliseconds,
            MessageTimeoutMs = (int)_options.DeliveryTimeout.TotalMilliseconds,
            // Above the reader's limit, so that what is too large becomes a dead letter with its coordinates instead of an error here.
            MessageMaxBytes = 4 * EventLimits.MessageBytes,
            QueueBufferingMaxKbytes = 64 << 10,
            DeliveryReportFields = "status",
        })).SetLogHandler((_, line) => connection.Write(line)).SetErrorHandler((_, _) => { }).Build());
    }

    /// <summary>Publishes an event that became known now and returns once the brokers have it.</summary>
    /// <exception cref="RefusedException">The brokers did not take it within <see cref="ProducerOptions.DeliveryTimeout"/>, or refused it.</exception>
    public Task PublishAsync(Event source, CancellationToken cancel = default) => PublishAsync(new Fact(source, Timestamp.Now(_clock)), cancel);

    /// <summary>Publishes a fact with its own known time and returns once the brokers have it.</summary>
    /// <returns>The partition, and the offset after the message.</returns>
    /// <exception cref="RefusedException">The brokers did not take it within <see cref="ProducerOptions.DeliveryTimeout"/>, or refused it.</exception>
    public Task<(StreamPartition Partition, long Next)> PublishAsync(Fact fact, CancellationToken cancel = default) => PublishAsync(ToRaw(fact), cancel);

    /// <summary>Publishes bytes, valid or not, and returns once the brokers have them.</summary>
    /// <inheritdoc cref="PublishAsync(Fact, CancellationToken)"/>
    public async Task<(StreamPartition Partition, long Next)> PublishAsync(RawMessage message, CancellationToken cancel = default)
    {
        try
        {
            var result = await _producer.ProduceAsync(message.Topic, ToKafka(message), cancel).ConfigureAwait(false);
            return (new StreamPartition(result.Topic, result.Partition.Value), result.Offset.Value + 1);
        }
        catch (KafkaException failed)
        {
            throw KafkaRefusal.Of(_connection, $"publishing to {message.Topic}", failed.Error, failed);
        }
    }

    /// <summary>Publishes many facts and returns once the brokers have all of them. Blocks the calling thread.</summary>
    /// <param name="facts">In the order to be kept within each key.</param>
    /// <param name="nextCommitted">
    /// The next offset that ingest will read of a partition, such as <see cref="EventConsumer.NextOffset"/>: publishing then waits while more than
    /// <see cref="ProducerOptions.WaitingBytesPerPartition"/> are not yet ingested. Needed on the embedded broker, which drops what overflows. It ends
    /// the publication by throwing.
    /// </param>
    /// <param name="cancel">Ends the publication; some of the facts may be on the stream.</param>
    /// <exception cref="RefusedException">The brokers did not take a message; some of the facts may be on the stream.</exception>
    public PublishResult Publish(IEnumerable<Fact> facts, Func<StreamPartition, long>? nextCommitted = null, CancellationToken cancel = default) =>
        Publish(facts.Select(ToRaw), nextCommitted, cancel);

    /// <summary>Publishes many messages as bytes, valid or not.</summary>
    /// <inheritdoc cref="Publish(IEnumerable{Fact}, Func{StreamPartition, long}, CancellationToken)"/>
    public PublishResult Publish(IEnumerable<RawMessage> messages, Func<StreamPartition, long>? nextCommitted = null, CancellationToken cancel = default) =>
        new BulkPublication(_producer, _connection, _options, nextCommitted).Run(messages, cancel);

    /// <summary><see cref="Publish(IEnumerable{Fact}, Func{StreamPartition, long}, CancellationToken)"/> on a thread of its own.</summary>
    public Task<PublishResult> PublishAsync(IEnumerable<Fact> facts, Func<StreamPartition, long>? nextCommitted = null, CancellationToken cancel = default) =>
        Task.Factory.StartNew(() => Publish(facts, nextCommitted, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The message that carries <paramref name="fact"/>.</summary>
    public RawMessage ToRaw(Fact fact) => new(_options.Topics.Of(fact.Event), EventCodec.Key(fact.Event), EventCodec.Write(fact.Event), fact.Known);

    /// <inheritdoc/>
    public void Dispose()
    {
        _producer.Flush(TimeSpan.FromSeconds(10));
        _producer.Dispose();
    }

    internal static Message<string?, byte[]?> ToKafka(RawMessage message) => new()
    {
        Key = message.Key,
        Value = message.Value,
        // librdkafka reads a timestamp of 0 as "now".
        Timestamp = new Confluent.Kafka.Timestamp(Math.Max(1, message.Known.Milliseconds), TimestampType.CreateTime),
    };
}
