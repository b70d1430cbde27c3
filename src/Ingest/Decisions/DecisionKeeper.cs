// Delivery guarantee: each decision on the decisions topic is in the store once, whatever crashes, restarts and rebalances happen: it is read at least
// once (the group's offsets move after the store has committed) and kept by its id. What is no decision becomes a dead letter with its coordinates.
// Overflow policy: nothing is read while a batch is stored; nothing is ever dropped.
using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Wire;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// The keeper of the decision ledger: decisions topic → store, shared by the workers of a consumer group. Members are safe from any thread. One run at a time.
/// </summary>
public sealed class DecisionKeeper
{
    private const int MostDecisions = 500;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200), Poll = TimeSpan.FromMilliseconds(100), Retry = TimeSpan.FromSeconds(1);

    private readonly KafkaConnection _connection;
    private readonly Func<IRecsStore> _open;
    private readonly Topics _topics;
    private readonly string _group;
    private readonly TimeProvider _clock;
    private readonly RunGate _runs = new();
    private long _kept;

    /// <param name="connection">Where the brokers are.</param>
    /// <param name="open">Opens the store, migrated: an instance of its own, disposed of when the run ends.</param>
    /// <param name="topics">Null for <c>recs.*</c>.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="clock">Measures waits; null for the system's.</param>
    public DecisionKeeper(KafkaConnection connection, Func<IRecsStore> open, Topics? topics = null, string group = "recs-decisions", TimeProvider? clock = null) =>
        (_connection, _open, _topics, _group, _clock) = (connection, open, topics ?? new Topics(), group, clock ?? TimeProvider.System);

    /// <summary>Decisions kept so far that were not known before.</summary>
    public long Kept => Interlocked.Read(ref _kept);

    /// <summary>Receives a line when the store does not answer; null drops it.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Keeps until <paramref name="stop"/>, on a thread of its own; what was read and not stored is read again by the next run.</summary>
    /// <exception cref="RefusedException">Access is denied, the topic does not exist, ….</exception>
    public Task RunAsync(CancellationToken stop) => _runs.Start(() => Run(once: false, stop));

    /// <summary>Keeps what is on the topic now, as far as this group gives it to this worker, and completes.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task RunUntilCaughtUpAsync(CancellationToken stop) => _runs.Start(() => Run(once: true, stop));

    private void Run(bool once, CancellationToken stop)
    {
        using var store = _open();
        using var consumer = KafkaConnection.Built(() => new ConsumerBuilder<Ignore, byte[]>(_connection.Apply(new ConsumerConfig
        {
            GroupId = _group,
            EnableAutoCommit = false,
            SessionTimeoutMs = 6_000, // the embedded broker gives an emptied group away only when its last session has ended
            EnablePartitionEof = once,
            AutoOffsetReset = AutoOffsetReset.Earliest, // what was kept before is known by its id
            FetchMaxBytes = 16 << 20,
            MaxPartitionFetchBytes = 2 * DecisionCodec.MessageBytes,
            FetchWaitMaxMs = _connection.Embedded ? 10 : 100,
        })).SetLogHandler((_, line) => _connection.Write(line)).SetErrorHandler((_, _) => { }).Build());
        consumer.Subscribe(_topics.Decisions);
        List<Decision> decisions = [];
        List<DeadLetter> letters = [];
        HashSet<TopicPartition> ended = [];
        while (!stop.IsCancellationRequested)
        {
            var started = _clock.GetTimestamp();
            var isCaughtUp = false;
            while (decisions.Count + letters.Count < MostDecisions && !isCaughtUp && !stop.IsCancellationRequested)
            {
                if (Consume(consumer) is { } message)
                {
                    if (message.IsPartitionEOF) ended.Add(message.TopicPartition);
                    else Sort(message, decisions, letters);
                }
                isCaughtUp = once && consumer.Assignment is { Count: > 0 } assigned && assigned.All(ended.Contains);
                if (decisions.Count + letters.Count > 0 && _clock.GetElapsedTime(started) > Gather) break;
            }
            if (decisions.Count + letters.Count > 0)
            {
                if (!Store(store, decisions, letters, stop)) break;
                decisions.Clear();
                letters.Clear();
                Commit(consumer);
            }
            if (isCaughtUp) break;
        }
        consumer.Close();
    }

    private ConsumeResult<Ignore, byte[]>? Consume(IConsumer<Ignore, byte[]> consumer)
    {
        try
        {
            return consumer.Consume(Poll);
        }
        catch (ConsumeException failed) when (!KafkaRefusal.EndsReading(failed.Error))
        {
            return null; // passes: the client goes on by itself
        }
        catch (ConsumeException failed)
        {
            throw KafkaRefusal.Of(_connection, $"reading {_topics.Decisions}", failed.Error, failed);
        }
    }

    private static void Sort(ConsumeResult<Ignore, byte[]> message, List<Decision> decisions, List<DeadLetter> letters)
    {
        if (message.Message.Value is not { } raw) return; // nothing is published without a value; a tombstone says nothing here
        if (DecisionCodec.Parse(raw, out var rejection) is { } decision) decisions.Add(decision);
        else letters.Add(new(StreamPartitions.FromKafka(message.TopicPartition), message.Offset.Value, rejection!, raw, new Timestamp(message.Message.Timestamp.UnixTimestampMs)));
    }

    private bool Store(IRecsStore store, List<Decision> decisions, List<DeadLetter> letters, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (letters.Count > 0) store.Append(new AppendBatch([], letters, []));
                Interlocked.Add(ref _kept, store.Keep(decisions));
                return true;
            }
            catch (StoreUnavailableException away)
            {
                Log?.Invoke($"decisions: {away.Message}; trying again");
                if (stop.WaitHandle.WaitOne(Retry)) return false;
            }
        }
    }

    private static void Commit(IConsumer<Ignore, byte[]> consumer)
    {
        try
        {
            consumer.Commit();
        }
        catch (KafkaException)
        {
            // Read again by whoever gets the partition, and found by id.
        }
    }
}
