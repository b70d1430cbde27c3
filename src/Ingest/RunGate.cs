namespace Recs.Ingest;

/// <summary>One run of a worker at a time, on a thread of its own. Safe from any thread.</summary>
internal sealed class RunGate
{
    private int _running;

    /// <summary>Starts <paramref name="run"/>; the task ends as it does.</summary>
    /// <exception cref="InvalidOperationException">A run is under way.</exception>
    public Task Start(Action run)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0) throw new InvalidOperationException("the worker is running; one run at a time");
        return Task.Factory.StartNew(() =>
        {
            try
            {
                run();
            }
            finally
            {
                Volatile.Write(ref _running, 0);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
