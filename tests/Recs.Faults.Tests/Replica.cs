namespace Recs.Faults.Tests;

/// <summary>One <c>recs serve</c> process and its address.</summary>
internal sealed class Replica : IDisposable
{
    private readonly WorkerProcess _process;

    private Replica(WorkerProcess process, HttpClient http) => (_process, Http) = (process, http);

    public HttpClient Http { get; }

    public string Said => _process.Said;

    /// <summary>False from the moment it is killed.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>A new one, ready to answer.</summary>
    /// <param name="arguments">Of <c>recs serve</c>; its port is its own choice.</param>
    /// <param name="key">Of an admin.</param>
    public static async Task<Replica> Start(IReadOnlyList<string> arguments, string key)
    {
        var process = new WorkerProcess("listening on ", ["serve", "--url", "http://127.0.0.1:0", .. arguments]);
        var line = await process.WhenBegun();
        var address = line[(line.IndexOf("listening on ", StringComparison.Ordinal) + "listening on ".Length)..].Split([',', ' '])[0];
        var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Add("x-api-key", key);
        var replica = new Replica(process, http);
        await replica.WhenReady();
        return replica;
    }

    /// <summary>Completes once it is ready; it must be within a minute.</summary>
    public async Task WhenReady()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var ready = await Http.GetAsync(new Uri("readyz", UriKind.Relative), CancellationToken.None);
            if (ready.IsSuccessStatusCode) return;
            if (patience.IsCancellationRequested) throw new InvalidOperationException($"a replica is not ready after a minute: {await ready.Content.ReadAsStringAsync(CancellationToken.None)}\n{Said}");
            await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        IsAlive = false;
        await _process.Kill();
    }

    public void Dispose()
    {
        _process.Dispose();
        Http.Dispose();
    }
}
