using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>What a read of the stream gave: a message, or that a partition ends here for now.</summary>
/// <param name="Partition">Where.</param>
/// <param name="Offset">Its offset there; at an end, that of the message to come.</param>
internal readonly record struct StreamMessage(StreamPartition Partition, long Offset)
{
    /// <summary>No message, but the end of the partition.</summary>
    public bool IsEnd { get; init; }

    /// <summary>Null for none. It may lie in memory that the reader's next read takes again.</summary>
    public ReadOnlyMemory<byte>? Key { get; init; }

    /// <inheritdoc cref="Key"/>
    public ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>The message's own time in milliseconds since 1970; null where it has none.</summary>
    public long? Stamp { get; init; }

    /// <summary>A message of a client that gives each its own arrays.</summary>
    public static StreamMessage Of(ConsumeResult<byte[], byte[]> result) => Of(result, StreamPartitions.FromKafka(result.TopicPartition), bytes => bytes);

    /// <summary>A message of any client.</summary>
    /// <param name="result">What the client gave.</param>
    /// <param name="partition">Where.</param>
    /// <param name="bytes">A key or value as bytes.</param>
    public static StreamMessage Of<T>(ConsumeResult<T, T> result, StreamPartition partition, Func<T, ReadOnlyMemory<byte>?> bytes)
    {
        if (result.IsPartitionEOF) return new(partition, result.Offset.Value) { IsEnd = true };
        var stamp = result.Message.Timestamp;
        return new(partition, result.Offset.Value)
        {
            Key = bytes(result.Message.Key),
            Value = bytes(result.Message.Value),
            Stamp = stamp.Type == TimestampType.NotAvailable ? null : stamp.UnixTimestampMs,
        };
    }
}
