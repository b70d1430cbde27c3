using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>Asks the brokers which partitions there are and how far they reach, through the connections of an existing client.</summary>
internal sealed class StreamPartitions : IDisposable
{
    private static readonly TimeSpan Try = TimeSpan.FromSeconds(1);
    private readonly KafkaConnection _connection;
    private readonly TimeProvider _clock;
    private readonly IAdminClient _admin;
    private readonly Func<TopicPartition, TimeSpan, WatermarkOffsets> _range;
    private readonly Func<IEnumerable<TopicPartitionTimestamp>, TimeSpan, List<TopicPartitionOffset>> _at;

    private StreamPartitions(KafkaConnection connection, TimeProvider clock, Handle client, Func<TopicPartition, TimeSpan, WatermarkOffsets> range,
        Func<IEnumerable<TopicPartitionTimestamp>, TimeSpan, List<TopicPartitionOffset>> at)
    {
        (_connection, _clock, _range, _at) = (connection, clock, range, at);
        _admin = new DependentAdminClientBuilder(client).Build();
    }

    /// <summary>Asks through <paramref name="consumer"/>, whatever it makes of keys and values.</summary>
    public static StreamPartitions Through<T>(KafkaConnection connection, IConsumer<T, T> consumer, TimeProvider clock) =>
        new(connection, clock, consumer.Handle, consumer.QueryWatermarkOffsets, consumer.OffsetsForTimes);

    /// <summary>All partitions of <paramref name="topics"/>, in order.</summary>
    /// <exception cref="Domain.RefusedException">A topic does not exist, or the brokers did not answer in time.</exception>
    public IReadOnlyList<StreamPartition> Of(IReadOnlyList<string> topics, CancellationToken stop) =>
        [.. topics.SelectMany(topic => WithPatience($"looking up topic {topic}", () => Partitions(topic), stop))];

    /// <summary>The same in one try; null when the brokers do not answer or a topic is not there.</summary>
    public IReadOnlyList<StreamPartition>? TryOf(IReadOnlyList<string> topics)
    {
        try
        {
            return [.. topics.SelectMany(Partitions)];
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <summary>The oldest offset kept and the offset after the newest message.</summary>
    /// <exception cref="Domain.RefusedException">The brokers did not answer in time.</exception>
    public (long Low, long High) Range(StreamPartition partition, CancellationToken stop) => WithPatience($"asking for the offsets of {partition.Topic}/{partition.Partition}", () =>
    {
        var offsets = _range(ToKafka(partition), Try);
        return (offsets.Low.Value, offsets.High.Value);
    }, stop);

    /// <summary>The first offset of each partition whose message is stamped <paramref name="time"/> or later; null where there is none.</summary>
    /// <exception cref="Domain.RefusedException">The brokers did not answer in time, or are embedded ones, which cannot tell.</exception>
    public IReadOnlyDictionary<StreamPartition, long?> At(IReadOnlyList<StreamPartition> partitions, Domain.Timestamp time, CancellationToken stop)
    {
        if (_connection.Embedded) throw new Domain.RefusedException("the embedded broker cannot look up offsets by time; give --reset earliest, latest or offset=N");
        return WithPatience($"asking for the offsets at {time}", () =>
            _at(partitions.Select(partition => new TopicPartitionTimestamp(ToKafka(partition), new Timestamp(time.Milliseconds, TimestampType.CreateTime))), Try)
            .ToDictionary(found => FromKafka(found.TopicPartition), found => found.Offset.IsSpecial ? (long?)null : found.Offset.Value), stop);
    }

    public void Dispose() => _admin.Dispose();

    public static TopicPartition ToKafka(StreamPartition partition) => new(partition.Topic, partition.Partition);

    public static StreamPartition FromKafka(TopicPartition partition) => new(partition.Topic, partition.Partition.Value);

    private StreamPartition[] Partitions(string topic)
    {
        var found = _admin.GetMetadata(topic, Try).Topics.Single();
        if (found.Error.IsError) throw new KafkaException(found.Error);
        if (found.Partitions.Count == 0) throw new KafkaException(ErrorCode.UnknownTopicOrPart);
        return [.. found.Partitions.Select(partition => partition.PartitionId).Order().Select(id => new StreamPartition(topic, id))];
    }

    // An unknown topic may be one that is being created; a few seconds tell.
    private T WithPatience<T>(string what, Func<T> ask, CancellationToken stop)
    {
        var begun = _clock.GetTimestamp();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return ask();
            }
            catch (KafkaException failed)
            {
                var limit = failed.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition
                    ? TimeSpan.FromSeconds(3) : _connection.ConnectTimeout;
                if (KafkaRefusal.EndsReading(failed.Error) || _clock.GetElapsedTime(begun) >= limit) throw KafkaRefusal.Of(_connection, what, failed.Error, failed);
                stop.WaitHandle.WaitOne(100);
            }
        }
    }
}
