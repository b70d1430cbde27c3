using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// A member of the group that shares the items topic; the group keeps the offsets. A partition is <em>closed</em> from its assignment until its owner
/// opens it, and all are while <see cref="Pause"/> holds: what the client hands out of a closed one is given back to it. Each assignment has
/// an epoch, so that work begun under an earlier one is recognized. One thread at a time; the group's rebalances happen within <see cref="Poll"/>.
/// </summary>
internal sealed class EmbeddingGroup : IDisposable
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);
    private readonly KafkaConnection _connection;
    private readonly string _topic;
    private readonly TimeProvider _clock;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly StreamPartitions _partitions;
    private readonly Dictionary<int, long> _epochs = [];
    private readonly HashSet<int> _open = [];
    private long _epoch;
    private bool _paused;

    /// <param name="connection">Where the brokers are.</param>
    /// <param name="options">Topic and protocol.</param>
    /// <param name="group">The group's name.</param>
    /// <param name="clock">Measures waits.</param>
    /// <param name="gone">Told of a partition that this worker reads no more.</param>
    public EmbeddingGroup(KafkaConnection connection, EmbeddingWorkerOptions options, string group, TimeProvider clock, Action<int> gone)
    {
        (_connection, _topic, _clock) = (connection, options.Topics.Items, clock);
        var config = new ConsumerConfig
        {
            GroupId = group,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            // A new group, and one whose offset was deleted, reads all there is: of a compacted topic that is the newest of each item, and what has
            // its vector already is passed over.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
            QueuedMaxMessagesKbytes = 16 << 10,
            FetchQueueBackoffMs = 5,
            FetchWaitMaxMs = connection.Embedded ? 10 : 100,
        };
        if (options.Assignment == PartitionAssignment.ConsumerGroup) config.GroupProtocol = GroupProtocol.Consumer;
        else config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        _consumer = KafkaConnection.Built(new ConsumerBuilder<byte[], byte[]>(connection.Apply(config))
            .SetLogHandler((_, line) => connection.Write(line))
            .SetErrorHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, assigned) =>
            {
                foreach (var partition in assigned) _epochs[partition.Partition.Value] = ++_epoch;
            })
            .SetPartitionsRevokedHandler((_, revoked) => Forget(revoked, gone))
            .SetPartitionsLostHandler((_, lost) => Forget(lost, gone))
            .Build);
        _partitions = StreamPartitions.Through(connection, _consumer, clock);
    }

    /// <summary>Partitions this worker reads.</summary>
    public int Count => _epochs.Count;

    /// <summary>Partitions assigned and not opened yet, in order.</summary>
    public IReadOnlyList<int> Closed => [.. _epochs.Keys.Where(partition => !_open.Contains(partition)).Order()];

    /// <summary>The epoch of a partition's assignment; null while it is closed or another worker's.</summary>
    public long? Epoch(int partition) => _open.Contains(partition) ? _epochs[partition] : null;

    /// <summary>How many partitions a topic has.</summary>
    public IReadOnlyList<StreamPartition> Partitions(string topic, CancellationToken stop) => _partitions.Of([topic], stop);

    public (long Low, long High) Range(StreamPartition partition, CancellationToken stop) => _partitions.Range(partition, stop);

    public void Subscribe() => _consumer.Subscribe(_topic);

    /// <summary>A message of an open partition, the end of one, or null.</summary>
    /// <exception cref="Domain.RefusedException">Reading cannot go on.</exception>
    public ConsumeResult<byte[], byte[]>? Poll(TimeSpan wait)
    {
        ConsumeResult<byte[], byte[]>? result;
        try
        {
            result = _consumer.Consume(wait);
        }
        catch (KafkaException failed)
        {
            if (!KafkaRefusal.EndsReading(failed.Error)) return null; // passes: the client goes on by itself
            throw KafkaRefusal.Of(_connection, $"reading topic {_topic}", failed.Error, failed);
        }
        if (result is null || !_epochs.ContainsKey(result.Partition.Value)) return null;
        if (!_paused && _open.Contains(result.Partition.Value)) return result;
        if (!result.IsPartitionEOF) GiveBack(result);
        return null;
    }

    /// <summary>Lets messages of these partitions through.</summary>
    public void Open(IEnumerable<int> partitions)
    {
        var own = partitions.Where(_epochs.ContainsKey).ToList();
        _open.UnionWith(own);
        if (!_paused) OnAssigned(own, _consumer.Resume);
    }

    /// <summary>Closes all, so that <see cref="Poll"/> only keeps the membership alive.</summary>
    public void Pause()
    {
        if (_paused) return;
        _paused = true;
        OnAssigned(_open, _consumer.Pause);
    }

    /// <summary>Lets the open ones through again.</summary>
    public void Resume()
    {
        if (!_paused) return;
        _paused = false;
        OnAssigned(_open, _consumer.Resume);
    }

    /// <summary>Tells the group that everything below these offsets is done.</summary>
    /// <returns>False when the group did not take it now, as during a rebalance.</returns>
    public bool TryCommit(IEnumerable<(int Partition, long Next)> offsets)
    {
        try
        {
            _consumer.Commit(offsets.Select(offset => new TopicPartitionOffset(_topic, offset.Partition, offset.Next)));
            return true;
        }
        catch (KafkaException failed) when (!KafkaRefusal.EndsReading(failed.Error))
        {
            return false;
        }
        catch (KafkaException failed)
        {
            throw KafkaRefusal.Of(_connection, $"committing offsets of {_topic}", failed.Error, failed);
        }
    }

    /// <summary>What the whole group has committed; null when the brokers do not say it now.</summary>
    public IReadOnlyDictionary<int, long>? Committed(IEnumerable<int> partitions)
    {
        try
        {
            return _consumer.Committed(partitions.Select(partition => new TopicPartition(_topic, partition)), AskTimeout).ToDictionary(place => place.Partition.Value, place => place.Offset.Value);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <summary>Leaves the group: its other members take over at once.</summary>
    public void Leave()
    {
        try
        {
            GroupFarewell.Say(_consumer, _clock, LongestFarewell);
            _consumer.Close();
        }
        catch (KafkaException)
        {
            // The brokers are gone: the group's session time-out does the rest.
        }
    }

    public void Dispose()
    {
        _partitions.Dispose();
        _consumer.Dispose();
    }

    private void Forget(List<TopicPartitionOffset> places, Action<int> gone)
    {
        foreach (var partition in places.Select(place => place.Partition.Value))
        {
            _epochs.Remove(partition);
            _open.Remove(partition);
            gone(partition);
        }
    }

    private void GiveBack(ConsumeResult<byte[], byte[]> result)
    {
        OnAssigned([result.Partition.Value], _consumer.Pause);
        try
        {
            _consumer.Seek(result.TopicPartitionOffset);
        }
        catch (KafkaException)
        {
            // Assigned anew, it starts there.
            _consumer.IncrementalUnassign([result.TopicPartition]);
            _consumer.IncrementalAssign([result.TopicPartitionOffset]);
        }
    }

    private void OnAssigned(IEnumerable<int> partitions, Action<IEnumerable<TopicPartition>> action)
    {
        var assigned = _consumer.Assignment.ToHashSet();
        var places = partitions.Select(partition => new TopicPartition(_topic, partition)).Where(assigned.Contains).ToList();
        if (places.Count > 0) action(places);
    }
}
