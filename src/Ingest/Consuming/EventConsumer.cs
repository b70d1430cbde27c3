// Delivery guarantee: each distinct valid event on the stream is in the store exactly once, and each other message is there
// exactly once as a dead letter, whatever crashes, restarts, rebalances, resends and reorderings happen.
// Invariant: for every partition, the store holds what lies below its next offset and nothing from at or above it that this
// group wrote; facts, dead letters and offsets move in one transaction, offsets by compare-and-swap. The store says where
// reading starts; the offsets that Kafka keeps for the group are never read.
// Overflow policy: one thread reads and stores in turn, so a slow store stops the reading; nothing is ever dropped.
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The ingest worker: Kafka bytes → valid events → facts, exactly once. Members are safe from any thread; the store belongs to
/// the worker while a run is under way. One run at a time; a worker may run again after one.
/// </summary>
public sealed class EventConsumer
{
    private readonly KafkaConnection _connection;
    private readonly IEventStore _store;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly CommitBoard _board = new();
    private readonly RunGate _runs = new();

    /// <summary>Makes a worker; it connects when it runs.</summary>
    /// <param name="connection">Where the brokers are.</param>
    /// <param name="store">Migrated; used by the worker's thread alone during a run, and not disposed of.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="clock">Bounds event times and measures waits; null for the system's.</param>
    /// <exception cref="Domain.RefusedException">An option is out of range.</exception>
    public EventConsumer(KafkaConnection connection, IEventStore store, IngestOptions? options = null, TimeProvider? clock = null)
    {
        (_connection, _store, _options, _clock) = (connection, store, options ?? new IngestOptions(), clock ?? TimeProvider.System);
        _options.Validate();
    }

    /// <summary>What was done so far; refreshed with every batch, the lag twice a second.</summary>
    public IngestProgress Progress => _board.Progress;

    /// <summary>The next offset of a partition: everything below it is in the store. 0 where nothing is known. The throttle of <see cref="EventProducer"/>.</summary>
    /// <exception cref="Domain.RefusedException">The worker has ended with this refusal and will commit nothing more.</exception>
    /// <exception cref="InvalidOperationException">The worker has failed and will commit nothing more.</exception>
    public long NextOffset(StreamPartition partition) => _board.Next(partition);

    /// <summary>Completes when everything below <paramref name="offsets"/> is in the store, such as <see cref="PublishResult.Next"/>.</summary>
    /// <exception cref="Domain.RefusedException">The worker has ended with this refusal and will commit nothing more.</exception>
    /// <exception cref="InvalidOperationException">The worker has failed and will commit nothing more.</exception>
    public Task WhenCommittedAsync(IReadOnlyDictionary<StreamPartition, long> offsets, CancellationToken cancel = default) => _board.WhenCommitted(offsets, cancel);

    /// <summary>Ingests until <paramref name="stop"/>, on a thread of its own; then stores what it has read, leaves the group and completes normally.</summary>
    /// <exception cref="Domain.RefusedException">Messages were lost before they were read, access is denied, the store failed too long, ….</exception>
    public Task RunAsync(CancellationToken stop) => Start(once: false, stop);

    /// <summary>Ingests what is on the stream at the start of the call, whichever worker of the group reads it, and completes when all of it is in the store.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> came first; what was read is stored.</exception>
    /// <exception cref="Domain.RefusedException">As for <see cref="RunAsync"/>.</exception>
    public async Task<IngestProgress> RunUntilCaughtUpAsync(CancellationToken cancel = default)
    {
        await Start(once: true, cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return Progress;
    }

    private Task Start(bool once, CancellationToken stop) => _runs.Start(() => Run(once, stop));

    private void Run(bool once, CancellationToken stop)
    {
        try
        {
            _board.Restart();
            using var telemetry = new IngestTelemetry(_options.Group, () => _board.Progress);
            using var session = new IngestSession(_connection, _store, _options, _clock, _board, telemetry, stop);
            session.Run(once);
        }
        catch (Exception fault)
        {
            _board.Fail(fault);
            throw;
        }
    }
}
