using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The fold in the memory of the worker that appends all batches of a store: it takes each batch as it is stored, on a thread of its own, and keeps
/// a snapshot in the store every so often, while ingest goes on. Invariant: what is folded is what is committed. A batch that did not come here (its commit
/// was not confirmed, or facts left the store) shows as a gap in the numbers, and is read from the store.
/// Overflow policy: batches of up to <see cref="QueuedFacts"/> facts wait; beyond it the storing waits. Its members are safe from any thread.
/// </summary>
public sealed class LiveFold : IDisposable
{
    /// <summary>
    /// Facts that wait at most, but for the one batch that passes it. Few: what waits is copied again and again while garbage is collected, and a fold that is
    /// slower than the storing fills any queue.
    /// </summary>
    public const int QueuedFacts = 40_000;

    private readonly FoldQueue _queue = new(QueuedFacts);
    private readonly IRecsStore _store;
    private readonly TimeSpan _every;
    private readonly TimeProvider _clock;
    private readonly StoredFold _fold;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _hurry = new();
    private volatile Exception? _fault;
    private long _made;
    private long _snapshots;

    /// <summary>Loads what the store holds, and begins to take batches.</summary>
    /// <param name="store">Migrated; this fold's own instance, which it disposes of.</param>
    /// <param name="every">How often a snapshot is kept; <see cref="TimeSpan.Zero"/> for only at the end.</param>
    /// <param name="clock">Measures that.</param>
    /// <exception cref="Domain.RefusedException">What the store holds cannot be read.</exception>
    public LiveFold(IRecsStore store, TimeSpan every, TimeProvider clock)
    {
        (_store, _every, _clock) = (store, every, clock);
        _fold = StoredFold.Load(store);
        _made = clock.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "recs fold" };
        _thread.Start();
    }

    /// <summary>Snapshots kept so far.</summary>
    public long Snapshots => Interlocked.Read(ref _snapshots);

    /// <summary>Takes a stored batch; for <see cref="IngestOptions.Stored"/>. Waits while too much waits.</summary>
    /// <exception cref="InvalidOperationException">The fold has failed.</exception>
    public void Stored(AppendResult appended)
    {
        if (_fault is { } fault) throw new InvalidOperationException("the fold has failed and takes no more", fault);
        if (appended.Batch > 0) _queue.Add(appended);
    }

    /// <summary>Completes when every batch told of so far is folded; faults where the fold has failed.</summary>
    public Task WhenFoldedAsync() => _queue.WhenTaken();

    /// <summary>Takes no more batches, folds those that wait, and keeps a last snapshot. What of this is not done in time is left out: the facts are in the store.</summary>
    /// <param name="patience">How long that may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <returns>The fold; null where the time was too short.</returns>
    /// <exception cref="InvalidOperationException">The fold has failed.</exception>
    public StoredFold? Finish(TimeSpan patience)
    {
        _queue.Close();
        using var late = _clock.CreateTimer(_ => _hurry.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
        _thread.Join();
        if (_fault is OperationCanceledException && _hurry.IsCancellationRequested) return null;
        if (_fault is { } fault) throw new InvalidOperationException("the fold has failed", fault);
        return _fold;
    }

    /// <summary>Ends without a last snapshot where <see cref="Finish"/> was not called.</summary>
    public void Dispose()
    {
        if (!_queue.IsClosed)
        {
            _fault ??= new OperationCanceledException("the fold was disposed of");
            _queue.Close();
        }
        _thread.Join();
        _hurry.Dispose();
        _store.Dispose();
    }

    private void Run()
    {
        try
        {
            while (_queue.Next() is { } appended)
            {
                if (_fault is { } ended) throw ended;
                _hurry.Token.ThrowIfCancellationRequested();
                Take(appended);
                _queue.Taken(appended);
                if (_every > TimeSpan.Zero && _clock.GetElapsedTime(_made) >= _every) Keep();
            }
            if (_fault is null) Keep();
        }
        catch (Exception fault)
        {
            _fault = fault;
            _queue.Fail(fault); // whoever waits for room must not wait for ever
        }
    }

    private void Take(AppendResult appended)
    {
        if (appended.Batch <= _fold.Batch && appended.Epoch == _fold.Epoch) return; // read from the store already
        if (appended.Batch == _fold.Batch + 1 && appended.Epoch == _fold.Epoch) _fold.Apply(appended);
        else Trying(() => _fold.CatchUp(_store));
    }

    private void Keep()
    {
        // The offsets that belong to the state are read with it; the store may be ahead by then, which costs nothing.
        if (!Trying(() => _fold.CatchUp(_store))) return;
        if (!Trying(() => _store.SaveState(_fold.ToSnapshot(_clock, _hurry.Token)))) return;
        _made = _clock.GetTimestamp();
        Interlocked.Increment(ref _snapshots);
    }

    /// <summary>A store that does not answer, or lost facts meanwhile, is asked again with the next batch: the gap stays open until then.</summary>
    private static bool Trying(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception passing) when (passing is StoreUnavailableException or FencedException)
        {
            return false;
        }
    }
}
