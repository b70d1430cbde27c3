using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The one batch that is on its way into the store, on a thread of its own, while its owner reads the next. At most one at a time:
/// a slow store makes <see cref="Finish"/> wait, and that stops the reading. The store is this batch's until it is finished.
/// One owner thread.
/// </summary>
internal sealed class BatchInFlight(StoreWriter writer, Action<AppendResult>? stored)
{
    private Task<AppendResult>? _task;
    private CancellationTokenSource? _hurry;

    /// <summary>What is under way, or null.</summary>
    public AppendBatch? Batch { get; private set; }

    /// <summary>Whether <see cref="Finish"/> would not wait.</summary>
    public bool IsDone => _task is { IsCompleted: true };

    /// <param name="batch">Begins where the batch before it ended.</param>
    /// <param name="stop">Ends the pauses between tries.</param>
    public void Begin(AppendBatch batch, CancellationToken stop)
    {
        if (Batch is not null) throw new InvalidOperationException("a batch is under way; finish it first");
        _hurry = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var hurry = _hurry.Token;
        Batch = batch;
        _task = Task.Run(() =>
        {
            var result = writer.Append(batch, hurry);
            stored?.Invoke(result);
            return result;
        }, CancellationToken.None);
    }

    /// <summary>No further try after the one under way: others wait.</summary>
    public void Hurry() => _hurry?.Cancel();

    /// <summary>Waits for the batch, and says what became of it.</summary>
    /// <exception cref="FencedException">An offset had moved; nothing was written.</exception>
    /// <exception cref="OperationCanceledException">Stopped or hurried between two tries; nothing is known to be written.</exception>
    /// <exception cref="Domain.RefusedException">The store failed too long.</exception>
    public (AppendBatch Batch, AppendResult Result) Finish()
    {
        var batch = Batch ?? throw new InvalidOperationException("no batch is under way");
        try
        {
            return (batch, _task!.GetAwaiter().GetResult());
        }
        finally
        {
            End();
        }
    }

    /// <summary>Waits until the store is free, whatever becomes of the batch.</summary>
    public void Abandon()
    {
        if (Batch is null) return;
        Hurry();
        ((Task)_task!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        End();
    }

    private void End()
    {
        (Batch, _task) = (null, null);
        _hurry!.Dispose();
        _hurry = null;
    }
}
