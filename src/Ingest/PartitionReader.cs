using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The Kafka consumer as this room uses it: positions come from the caller, never from the group; a lost position is an error,
/// never a silent jump. Backpressure: while the caller does not call <see cref="Consume"/>, the client stops fetching at 16 MiB.
/// One thread at a time.
/// </summary>
internal sealed class PartitionReader : IDisposable
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(2);
    private readonly KafkaConnection _connection;
    private readonly PartitionAssignment _assignment;
    private readonly IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> _consumer;
    private readonly StreamPartitions _partitions;
    private readonly TimeProvider _clock;
    private readonly Dictionary<StreamPartition, long> _untold = [];
    private Task _telling = Task.CompletedTask;
    private volatile bool _isLeaving;
    private bool _isStuck;
    private string _topic = ""; // of the last message: the client makes a new string for each

    public PartitionReader(KafkaConnection connection, string group, PartitionAssignment assignment, TimeProvider clock, IRebalanceHandlers? handlers)
    {
        (_connection, _assignment, _clock) = (connection, assignment, clock);
        var config = new ConsumerConfig
        {
            GroupId = group,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
            ConsumeResultFields = "timestamp,topic", // headers are not read; without this the client asks for them with every message
            QueuedMinMessages = 50_000,
            QueuedMaxMessagesKbytes = 16 << 10,
            FetchQueueBackoffMs = 5, // how soon a queue that was full is looked at again; the client's own second would idle most of the time
            // The embedded broker sleeps through the wait; a real one wakes when something comes.
            FetchWaitMaxMs = connection.Embedded ? 10 : 100,
        };
        if (assignment == PartitionAssignment.ConsumerGroup) config.GroupProtocol = GroupProtocol.Consumer;
        if (assignment == PartitionAssignment.ClassicGroup) config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        var builder = new ConsumerBuilder<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(connection.Apply(config))
            .SetKeyDeserializer(new ReusedBytes())
            .SetValueDeserializer(new ReusedBytes())
            .SetLogHandler((_, line) => connection.Write(line))
            .SetErrorHandler((_, _) => { }); // what matters also comes out of Consume
        if (handlers is not null)
        {
            builder.SetPartitionsAssignedHandler((_, assigned) =>
            {
                if (_isLeaving) return assigned.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)); // read by nobody: it is given back at once
                var offsets = handlers.Assigned([.. assigned.Select(StreamPartitions.FromKafka)]);
                return assigned.Select(partition => Start(StreamPartitions.FromKafka(partition), offsets));
            });
            builder.SetPartitionsRevokedHandler((_, revoked) =>
            {
                if (!_isLeaving) handlers.Revoked([.. revoked.Select(place => StreamPartitions.FromKafka(place.TopicPartition))]);
            });
            builder.SetPartitionsLostHandler((_, lost) =>
            {
                if (!_isLeaving) handlers.Lost([.. lost.Select(place => StreamPartitions.FromKafka(place.TopicPartition))]);
            });
        }
        _consumer = KafkaConnection.Built(builder.Build);
        _partitions = StreamPartitions.Through(connection, _consumer, clock);
    }

    public IReadOnlyList<StreamPartition> Partitions(IReadOnlyList<string> topics, CancellationToken stop) => _partitions.Of(topics, stop);

    /// <summary>All partitions, or null when the brokers do not answer at once.</summary>
    public IReadOnlyList<StreamPartition>? TryPartitions(IReadOnlyList<string> topics) => _partitions.TryOf(topics);

    public (long Low, long High) Range(StreamPartition partition, CancellationToken stop) => _partitions.Range(partition, stop);

    /// <inheritdoc cref="StreamPartitions.At"/>
    public IReadOnlyDictionary<StreamPartition, long?> OffsetsAt(IReadOnlyList<StreamPartition> partitions, Domain.Timestamp time, CancellationToken stop) => _partitions.At(partitions, time, stop);

    public void Subscribe(IReadOnlyList<string> topics) => _consumer.Subscribe(topics);

    /// <summary>A message, the end of a partition, or null when neither came in time. Key and value are good until the next call of anything here.</summary>
    /// <exception cref="ConsumeException">The position is not on the stream.</exception>
    /// <exception cref="Domain.RefusedException">Reading cannot go on.</exception>
    public StreamMessage? Consume(TimeSpan wait)
    {
        try
        {
            if (_consumer.Consume(wait) is not { } result) return null;
            if (result.Topic != _topic) _topic = result.Topic;
            return StreamMessage.Of(result, new StreamPartition(_topic, result.Partition.Value), static bytes => bytes);
        }
        catch (ConsumeException failed) when (failed.Error.Code != ErrorCode.Local_AutoOffsetReset)
        {
            if (KafkaRefusal.EndsReading(failed.Error))
            {
                var record = failed.ConsumerRecord;
                throw KafkaRefusal.Of(_connection, record?.Topic is null ? "reading" : $"reading topic {record.Topic}, partition {record.Partition.Value}, offset {record.Offset.Value}", failed.Error, failed);
            }
            return null; // passes: the client goes on by itself
        }
        catch (KafkaException failed) when (!KafkaRefusal.EndsReading(failed.Error) && failed is not ConsumeException)
        {
            return null;
        }
    }

    /// <summary>Reads on from <paramref name="offsets"/>; a partition that is not among them from its beginning.</summary>
    public void ReadFrom(IReadOnlyList<StreamPartition> partitions, IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        var places = partitions.Select(partition => Start(partition, offsets)).ToList();
        if (_assignment == PartitionAssignment.All)
        {
            _consumer.Assign(places);
            return;
        }
        foreach (var place in places)
        {
            try
            {
                _consumer.Seek(place);
            }
            catch (KafkaException)
            {
                // Not fetching yet, so it cannot seek: assigned anew, it starts there.
                _consumer.IncrementalUnassign([place.TopicPartition]);
                _consumer.IncrementalAssign([place]);
            }
        }
    }

    /// <summary>Messages after <paramref name="next"/>, as far as the client has heard.</summary>
    public long Lag(IReadOnlyDictionary<StreamPartition, long> next) => next.Sum(place => Math.Max(0, High(place.Key) - place.Value));

    /// <summary>
    /// Tells the group its offsets, for those who watch its lag; nothing here reads them, so a failure is of no account. It happens beside the reading:
    /// while the group's coordinator is away, the client waits for it up to a minute. Without moves, what could not be told before is told.
    /// </summary>
    public void Tell(params IReadOnlyList<OffsetMove> moves)
    {
        if (_assignment == PartitionAssignment.All) return;
        foreach (var move in moves) _untold[move.Partition] = move.To;
        if (_untold.Count == 0 || !_telling.IsCompleted) return;
        var offsets = _untold.Select(entry => new TopicPartitionOffset(StreamPartitions.ToKafka(entry.Key), entry.Value)).ToList();
        _untold.Clear();
        _telling = Task.Factory.StartNew(() => TellNow(offsets), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void TellNow(List<TopicPartitionOffset> offsets)
    {
        try
        {
            _consumer.Commit(offsets);
        }
        catch (KafkaException)
        {
        }
    }

    /// <summary>
    /// Leaves the group, if there is one; the handlers are told nothing any more. A client that does not let go in time is left to the end of the process,
    /// and the group's session time-out does the rest: a worker that is told to stop always ends.
    /// </summary>
    public void Leave()
    {
        _isLeaving = true;
        Tell();
        var closing = Task.Factory.StartNew(Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _isStuck = !Task.WaitAll([closing, _telling], LongestLeave);
    }

    public void Dispose()
    {
        if (_isStuck) return; // freeing the client would wait for it again
        _partitions.Dispose();
        _consumer.Dispose();
    }

    private void Close()
    {
        try
        {
            if (_assignment != PartitionAssignment.All) GroupFarewell.Say(_consumer, _clock, LongestFarewell);
            _consumer.Close();
        }
        catch (KafkaException)
        {
            // The brokers are gone: the group's session time-out does the rest.
        }
    }

    private TopicPartitionOffset Start(StreamPartition partition, IReadOnlyDictionary<StreamPartition, long> offsets) => new(
        StreamPartitions.ToKafka(partition),
        offsets.TryGetValue(partition, out var next) ? next : _connection.Embedded ? 0 : Offset.Beginning);

    private long High(StreamPartition partition)
    {
        try
        {
            return _consumer.GetWatermarkOffsets(StreamPartitions.ToKafka(partition)).High.Value;
        }
        catch (KafkaException)
        {
            return 0; // nothing heard of it yet
        }
    }
}
