// Guarantee: from the offsets given, each distinct valid event within the horizon of SeenEvents is handed on at most once, and
// exactly once unless the follower faults; events in a snapshot that seeded SeenEvents are not handed on again.
// Invariant: Positions never passes an event whose callback has not returned.
// Overflow policy: the callback runs on the reading thread; while it runs nothing is read.
using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// Follows the stream for freshness, without a group and without writing anything: folds go from a <see cref="StoreSnapshot"/>
/// to the present. Members are safe from any thread; the callback and <see cref="SeenEvents"/> belong to the follower's thread.
/// </summary>
public sealed class StreamFollower : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DiscoverEvery = TimeSpan.FromSeconds(60);

    private readonly KafkaConnection _connection;
    private readonly Topics _topics;
    private readonly SeenEvents _seen;
    private readonly Action<Fact> _onFact;
    private readonly Action<ItemId, ItemEmbedding?>? _onVector;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamPartition, long> _positions;
    private readonly HashSet<StreamPartition> _behind = [];
    private long _lag;
    private Task? _running;

    /// <summary>Makes a follower; <see cref="Start"/> starts it.</summary>
    /// <param name="connection">Where the brokers are.</param>
    /// <param name="offsets">Where to begin, such as <see cref="StoreSnapshot.Offsets"/>; a partition that is not among them begins at its beginning.</param>
    /// <param name="seen">Holds the events already folded.</param>
    /// <param name="onFact">Takes each new fact, on the follower's thread. What it throws becomes <see cref="Fault"/>.</param>
    /// <param name="topics">Null for <c>recs.*</c>.</param>
    /// <param name="clock">Bounds event times; null for the system's.</param>
    /// <param name="onVector">Takes each vector, or null for an item that has none any more, on the follower's thread; the same one may come again. Null: vectors are not followed.</param>
    public StreamFollower(KafkaConnection connection, IReadOnlyDictionary<StreamPartition, long> offsets, SeenEvents seen, Action<Fact> onFact,
        Topics? topics = null, TimeProvider? clock = null, Action<ItemId, ItemEmbedding?>? onVector = null)
    {
        (_connection, _topics, _seen, _onFact, _onVector, _clock) = (connection, topics ?? new Topics(), seen, onFact, onVector, clock ?? TimeProvider.System);
        _positions = new(offsets);
    }

    /// <summary>Why it has stopped following, or null: then state grows stale, and a new follower can go on from <see cref="Positions"/> with the same <see cref="SeenEvents"/>.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Completes when what was on the stream at the start has been handed on; faults with <see cref="Fault"/>.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Messages on the stream and not yet handed on, as far as the client has heard; refreshed twenty times a second.</summary>
    public long Lag => Interlocked.Read(ref _lag);

    /// <summary>The next offset of each partition: everything below it has been handed on.</summary>
    public IReadOnlyDictionary<StreamPartition, long> Positions
    {
        get
        {
            lock (_gate) return new Dictionary<StreamPartition, long>(_positions);
        }
    }

    /// <summary>Starts following on a thread of its own. Once.</summary>
    public void Start()
    {
        if (_running is not null) throw new InvalidOperationException("a follower starts once; make another one from Positions");
        _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Stops after the callback under way and waits for the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is not null) await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            using var reader = new PartitionReader(_connection, "recs-follower", PartitionAssignment.All, _clock, null);
            Follow(reader);
            _caughtUp.TrySetCanceled();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _caughtUp.TrySetCanceled();
        }
        catch (Exception fault)
        {
            Fault = fault;
            _caughtUp.TrySetException(fault);
            _ = _caughtUp.Task.Exception; // seen: it is in Fault, whether or not somebody awaits CaughtUp
        }
    }

    private void Follow(PartitionReader reader)
    {
        var partitions = Begin(reader);
        var (discovered, measured) = (_clock.GetTimestamp(), _clock.GetTimestamp());
        while (!_stop.IsCancellationRequested)
        {
            if (Consume(reader) is { } result) Take(result, reader);
            if (_clock.GetElapsedTime(measured) >= Poll)
            {
                Interlocked.Exchange(ref _lag, reader.Lag(Positions));
                measured = _clock.GetTimestamp();
            }
            if (_clock.GetElapsedTime(discovered) < DiscoverEvery) continue;
            discovered = _clock.GetTimestamp();
            if (reader.TryPartitions(_topics.OfEvents) is not { } events) continue;
            IReadOnlyList<StreamPartition> all = [.. events, .. OfVectors(reader)];
            if (all.Count > partitions.Count) reader.ReadFrom(partitions = all, Positions);
        }
    }

    private IReadOnlyList<StreamPartition> Begin(PartitionReader reader)
    {
        IReadOnlyList<StreamPartition> partitions = [.. reader.Partitions(_topics.OfEvents, _stop.Token), .. OfVectors(reader)];
        var lag = 0L;
        foreach (var partition in partitions)
        {
            var (low, high) = reader.Range(partition, _stop.Token);
            if (_positions.TryGetValue(partition, out var next))
            {
                // A vector stands for itself: one that the stream no longer has was taken from the store, or a newer one follows.
                if (IsOfVectors(partition)) next = Math.Clamp(next, low, high);
                else ThrowIfGone(partition, next, low, high);
            }
            else next = _connection.Embedded ? 0 : low;
            _positions[partition] = next;
            lag += high - next;
            if (next < high) _behind.Add(partition);
        }
        Interlocked.Exchange(ref _lag, lag);
        if (_behind.Count == 0) _caughtUp.TrySetResult();
        reader.ReadFrom(partitions, Positions);
        return partitions;
    }

    private StreamMessage? Consume(PartitionReader reader)
    {
        try
        {
            return reader.Consume(Poll);
        }
        catch (ConsumeException failed) when (failed.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            var partition = StreamPartitions.FromKafka(failed.ConsumerRecord.TopicPartition);
            var (low, high) = reader.Range(partition, _stop.Token);
            if (IsOfVectors(partition)) Move(partition, Math.Clamp(Position(partition), low, high));
            else ThrowIfGone(partition, Position(partition), low, high);
            reader.ReadFrom([.. reader.Partitions(_topics.OfEvents, _stop.Token), .. OfVectors(reader)], Positions);
            return null;
        }
    }

    /// <summary>The partitions with vectors; none where they are not followed, or an installation without them has no such topic.</summary>
    private IReadOnlyList<StreamPartition> OfVectors(PartitionReader reader) => _onVector is null ? [] : reader.TryPartitions([_topics.Embeddings]) ?? [];

    private bool IsOfVectors(StreamPartition partition) => partition.Topic == _topics.Embeddings;

    private void Take(StreamMessage result, PartitionReader reader)
    {
        var partition = result.Partition;
        if (result.Offset < Position(partition)) return;
        if (result.IsEnd)
        {
            Move(partition, result.Offset);
            if (!_behind.Remove(partition) || _behind.Count > 0) return;
            Interlocked.Exchange(ref _lag, reader.Lag(Positions));
            _caughtUp.TrySetResult();
            return;
        }
        if (IsOfVectors(partition))
        {
            if (EmbeddingRecord.Read(result, out _) is { } record) _onVector!(record.Item, record.Message?.Embedding);
        }
        else if (EventMessage.Parse(result, Timestamp.Now(_clock), out _) is { } fact && _seen.Add(fact.Event)) _onFact(fact);
        Move(partition, result.Offset + 1);
    }

    private long Position(StreamPartition partition)
    {
        lock (_gate) return _positions.GetValueOrDefault(partition);
    }

    private void Move(StreamPartition partition, long next)
    {
        lock (_gate) _positions[partition] = next;
    }

    private static void ThrowIfGone(StreamPartition partition, long next, long low, long high)
    {
        if (next >= low && next <= high) return;
        throw new RefusedException($"topic {partition.Topic}, partition {partition.Partition}: offset {next} is next, but the stream holds {low} to {high}; "
            + "start again from the store, once ingest has passed this place");
    }
}
