namespace Recs.Faults.Tests;

/// <summary>The worker processes of one group, and what is done to them.</summary>
internal sealed class WorkerFleet(string[] arguments, Random random, FaultLog log) : IDisposable
{
    /// <summary>Longer than any group waits for a member (6 s).</summary>
    private static readonly TimeSpan FreezeFor = TimeSpan.FromSeconds(8);
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<(WorkerProcess Worker, TimeSpan Until)> _frozen = [];

    public int Count => _workers.Count;

    public int Awake => _workers.Count(worker => !worker.IsFrozen);

    /// <summary>One more worker, reading.</summary>
    public async Task Join()
    {
        var worker = new WorkerProcess(arguments);
        _workers.Add(worker);
        var begun = worker.WhenBegun();
        while (await Task.WhenAny(begun, Task.Delay(500)) != begun) await Thaw();
        await begun;
    }

    public async Task Kill() => await Remove(Any(), worker => worker.Kill());

    public async Task Leave() => await Remove(Any(), async worker =>
    {
        var (took, code) = await worker.Terminate();
        if (code != 0) log.Add($"a worker ended with {code} after {took.TotalSeconds:0.0} s: the store was still busy with its batch");
    });

    public async Task Freeze()
    {
        var worker = Any();
        await worker.Freeze();
        _frozen.Add((worker, log.Elapsed + FreezeFor));
    }

    /// <summary>Lets those go on that stood still for long enough; with <paramref name="all"/> waits for the others too.</summary>
    public async Task Thaw(bool all = false)
    {
        foreach (var (worker, until) in _frozen.ToList())
        {
            if (until > log.Elapsed)
            {
                if (!all) continue;
                await Task.Delay(until - log.Elapsed);
            }
            await worker.Thaw();
            _frozen.RemoveAll(entry => entry.Worker == worker);
        }
    }

    /// <summary>Nobody has ended who was not told to.</summary>
    public void Check()
    {
        foreach (var worker in _workers) Assert.False(worker.HasEnded, $"a worker ended by itself: {worker.Said}\n{log}");
    }

    public void Dispose()
    {
        foreach (var worker in _workers) worker.Dispose();
    }

    private WorkerProcess Any()
    {
        var awake = _workers.Where(worker => !worker.IsFrozen).ToList();
        return awake[random.Next(awake.Count)];
    }

    private async Task Remove(WorkerProcess worker, Func<WorkerProcess, Task> end)
    {
        _workers.Remove(worker);
        await end(worker);
        worker.Dispose();
    }
}
