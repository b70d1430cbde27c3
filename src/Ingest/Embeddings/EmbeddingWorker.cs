// Delivery guarantee: each item version on the items topic whose text has no current vector gets one on the embeddings topic at least once,
// whatever crashes, restarts and rebalances happen. A vector that is made twice has the same key, version, content hash and bits.
// Invariant: the group's committed offset of a partition never passes an item version whose vector (or tombstone) the brokers have not acknowledged.
// Unchanged text is not embedded again: what the stream holds of a partition is read when the partition is assigned, and kept in memory from then on.
// Overflow policy: nothing is read while a batch is embedded; nothing is ever dropped.
namespace Recs.Ingest;

/// <summary>
/// The embedding worker: item upserts on the items topic → vectors on the embeddings topic, shared by the workers of a consumer group.
/// Members are safe from any thread. One run at a time; a worker may run again after one.
/// </summary>
public sealed class EmbeddingWorker
{
    private readonly KafkaConnection _connection;
    private readonly IItemEmbedder _embedder;
    private readonly EmbeddingWorkerOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private EmbeddingProgress _progress;
    private readonly RunGate _runs = new();

    /// <summary>Makes a worker; it connects when it runs.</summary>
    /// <param name="connection">Where the brokers are.</param>
    /// <param name="embedder">Used by one thread at a time during a run, and not disposed of.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="clock">Bounds event times and measures waits; null for the system's.</param>
    /// <exception cref="Domain.RefusedException">An option is out of range.</exception>
    public EmbeddingWorker(KafkaConnection connection, IItemEmbedder embedder, EmbeddingWorkerOptions? options = null, TimeProvider? clock = null)
    {
        (_connection, _embedder, _options, _clock) = (connection, embedder, options ?? new EmbeddingWorkerOptions(), clock ?? TimeProvider.System);
        _options.Validate();
    }

    /// <summary>What was done so far.</summary>
    public EmbeddingProgress Progress
    {
        get
        {
            lock (_gate) return _progress;
        }
    }

    /// <summary>Works until <paramref name="stop"/>, on a thread of its own; then leaves the group and completes normally. What was not published is done by the next run.</summary>
    /// <exception cref="Domain.RefusedException">Access is denied, a topic does not exist, the brokers did not take a vector in time, ….</exception>
    public Task RunAsync(CancellationToken stop) => Start(once: false, stop);

    /// <summary>Completes when the group has done all that is on the items topic at the start of the call, whichever of its workers did it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> came first.</exception>
    /// <exception cref="Domain.RefusedException">As for <see cref="RunAsync"/>.</exception>
    public async Task<EmbeddingProgress> RunUntilCaughtUpAsync(CancellationToken cancel = default)
    {
        await Start(once: true, cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return Progress;
    }

    private Task Start(bool once, CancellationToken stop) => _runs.Start(() => Run(once, stop));

    private void Run(bool once, CancellationToken stop)
    {
        using var session = new EmbeddingSession(_connection, _embedder, _options, _clock, Report, stop);
        session.Run(once);
    }

    private void Report(Func<EmbeddingProgress, EmbeddingProgress> change)
    {
        lock (_gate) _progress = change(_progress);
    }
}
