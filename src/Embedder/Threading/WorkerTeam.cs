using System.Runtime.ExceptionServices;

namespace Recs.Embedder.Threading;

/// <summary>Work in pieces that may run at the same time.</summary>
internal abstract class TeamJob
{
    /// <param name="worker">0 .. team size − 1; no two pieces run at once under the same number, so buffers may be kept by it.</param>
    /// <param name="piece">0 .. pieces − 1; each is run once, in no order.</param>
    public abstract void Run(int worker, int piece);
}

/// <summary>
/// A fixed number of threads that take pieces of one job after another; the caller is one of them. Unlike the thread pool it never has more
/// threads than asked for, and handing out a job allocates nothing. Jobs of several callers wait for one another. Not re-entrant.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    private readonly Lock _turn = new();
    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _finished = new(0);
    private readonly int _size;
    private int _threads;
    private volatile bool _stopping;
    private TeamJob? _job;
    private int _pieces;
    private int _next;
    private ExceptionDispatchInfo? _failure;

    /// <summary>No threads beside the caller's. Its jobs do not wait for one another: it may be shared by all who compute alone.</summary>
    public static WorkerTeam Alone { get; } = new(1);

    public WorkerTeam(int size) => _size = size;

    public int Size => _size;

    /// <summary>Runs all pieces and returns when the last is done; the first exception of a piece stops the rest and is thrown here.</summary>
    public void Run(TeamJob job, int pieces)
    {
        if (_size == 1 || pieces <= 1)
        {
            for (var piece = 0; piece < pieces; piece++) job.Run(0, piece);
            return;
        }
        lock (_turn)
        {
            var helpers = Math.Min(_size, pieces) - 1;
            while (_threads < helpers) StartThread(++_threads);
            (_job, _pieces, _next, _failure) = (job, pieces, 0, null);
            _start.Release(helpers);
            TakePieces(0);
            for (var helper = 0; helper < helpers; helper++) _finished.Wait();
            _job = null;
            _failure?.Throw();
        }
    }

    /// <summary>Ends the threads. No job may be running or follow.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_threads > 0) _start.Release(_threads);
    }

    private void StartThread(int worker) => new Thread(() =>
    {
        while (true)
        {
            _start.Wait();
            if (_stopping) return;
            TakePieces(worker);
            _finished.Release();
        }
    })
    { IsBackground = true, Name = $"embedder {worker}" }.Start();

    private void TakePieces(int worker)
    {
        try
        {
            while (true)
            {
                var piece = Interlocked.Increment(ref _next) - 1;
                if (piece >= _pieces) return;
                _job!.Run(worker, piece);
            }
        }
        catch (Exception failed)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failed), null);
            Volatile.Write(ref _next, _pieces);
        }
    }
}
