using Recs.Storage;

namespace Recs.Ingest;

/// <summary>Where other threads read what a worker has committed, and wait for it. Safe from any thread.</summary>
internal sealed class CommitBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamPartition, long> _next = [];
    private readonly List<(IReadOnlyDictionary<StreamPartition, long> Offsets, TaskCompletionSource Done)> _waiting = [];
    private IngestProgress _progress;
    private Exception? _fault;

    public IngestProgress Progress
    {
        get
        {
            lock (_gate) return _progress;
        }
    }

    public void Update(Func<IngestProgress, IngestProgress> change)
    {
        lock (_gate) _progress = change(_progress);
    }

    /// <exception cref="InvalidOperationException">The worker has failed.</exception>
    public long Next(StreamPartition partition)
    {
        lock (_gate)
        {
            if (_fault is not null) throw Stopped(_fault);
            return _next.GetValueOrDefault(partition);
        }
    }

    /// <summary>The store holds everything below these offsets.</summary>
    public void Committed(IEnumerable<KeyValuePair<StreamPartition, long>> offsets)
    {
        lock (_gate)
        {
            foreach (var (partition, next) in offsets) _next[partition] = next;
            _waiting.RemoveAll(waiter => Reached(waiter.Offsets) && waiter.Done.TrySetResult());
        }
    }

    public async Task WhenCommitted(IReadOnlyDictionary<StreamPartition, long> offsets, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_fault is not null) throw Stopped(_fault);
            if (Reached(offsets)) return;
            _waiting.Add((offsets, done));
        }
        try
        {
            await done.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _waiting.RemoveAll(waiter => waiter.Done == done);
        }
    }

    /// <summary>The worker will commit nothing more: those who wait hear why.</summary>
    public void Fail(Exception fault)
    {
        lock (_gate)
        {
            _fault = fault;
            foreach (var (_, done) in _waiting) done.TrySetException(Stopped(fault));
            _waiting.Clear();
        }
    }

    public void Restart()
    {
        lock (_gate) _fault = null;
    }

    private bool Reached(IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        foreach (var (partition, offset) in offsets)
            if (_next.GetValueOrDefault(partition) < offset) return false;
        return true;
    }

    // A refusal stays one for those who wait for the worker, such as the publisher it throttles.
    private static Exception Stopped(Exception fault) => fault is Domain.RefusedException
        ? new Domain.RefusedException(fault.Message, fault)
        : new InvalidOperationException("ingest has failed and will commit nothing more", fault);
}
