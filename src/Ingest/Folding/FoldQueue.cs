using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Batches on their way from those who store to the one thread that folds, in order. Overflow policy: who adds waits while more than <paramref name="mostFacts"/> facts would wait,
/// unless none does. Safe from any thread.
/// </summary>
/// <param name="mostFacts">At least 1.</param>
internal sealed class FoldQueue(int mostFacts)
{
    private readonly object _gate = new();
    private readonly Queue<AppendResult> _batches = new();
    private readonly List<(long Place, TaskCompletionSource Done)> _waiting = [];
    private long _added, _taken, _facts;
    private Exception? _fault;

    /// <summary>Whether it takes no more.</summary>
    public bool IsClosed { get; private set; }

    /// <exception cref="InvalidOperationException">Closed.</exception>
    public void Add(AppendResult batch)
    {
        lock (_gate)
        {
            while (_facts > 0 && _facts + batch.Fresh.Count > mostFacts && _fault is null && !IsClosed) Monitor.Wait(_gate);
            if (_fault is not null) return; // the owner says so to the next one who comes
            if (IsClosed) throw new InvalidOperationException("the fold takes no more batches");
            _batches.Enqueue(batch);
            _added++;
            _facts += batch.Fresh.Count;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next batch, waited for; null once it is closed and empty.</summary>
    public AppendResult? Next()
    {
        lock (_gate)
        {
            while (_batches.Count == 0 && !IsClosed) Monitor.Wait(_gate);
            return _batches.TryDequeue(out var batch) ? batch : null;
        }
    }

    /// <summary>Done with the batch that <see cref="Next"/> gave.</summary>
    public void Taken(AppendResult batch)
    {
        lock (_gate)
        {
            _taken++;
            _facts -= batch.Fresh.Count;
            _waiting.RemoveAll(waiter => waiter.Place <= _taken && waiter.Done.TrySetResult());
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Completes when all that was added so far is taken.</summary>
    public Task WhenTaken()
    {
        lock (_gate)
        {
            if (_fault is not null) return Task.FromException(_fault);
            if (_taken >= _added) return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((_added, done));
            return done.Task;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            IsClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Fail(Exception fault)
    {
        lock (_gate)
        {
            _fault = fault;
            _batches.Clear();
            foreach (var (_, done) in _waiting) done.TrySetException(fault);
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
    }
}
