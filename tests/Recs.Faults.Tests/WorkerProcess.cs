using System.Diagnostics;
using System.Globalization;
using Recs.Tests;

namespace Recs.Faults.Tests;

/// <summary>The real <c>recs</c> program as a child process.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>128 and SIGTERM's number.</summary>
    private const int TermExitCode = 143;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource<string> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _sign;

    public WorkerProcess(params string[] arguments) : this("ingest: from kafka", arguments) { }

    /// <param name="sign">Stands in the line that it says once it works.</param>
    /// <param name="arguments">Of <c>recs</c>.</param>
    public WorkerProcess(string sign, IReadOnlyList<string> arguments)
    {
        _sign = sign;
        // The configuration the tests were built in is the one the program was built in.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Requirements.Root, "artifacts", "bin", "Recs.Pipelines", configuration, "recs.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RECS_HOME"] = Requirements.Root;
        start.Environment["RECS_TRACE"] = "1";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public bool IsFrozen { get; private set; }

    /// <summary>The last lines it said.</summary>
    public string Said
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Completes once it has connected and works.</summary>
    /// <returns>The line that says so.</returns>
    public async Task<string> WhenBegun()
    {
        try
        {
            return await _begun.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"a worker did not begin within a minute: {Said}");
        }
    }

    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task Freeze()
    {
        IsFrozen = true;
        await Signal("-STOP");
    }

    public async Task Thaw()
    {
        await Signal("-CONT");
        IsFrozen = false;
    }

    /// <summary>SIGTERM: it must end by itself, and soon; with 0, or with 143 where it did not wait any longer for a store that is slow or locked.</summary>
    /// <returns>How long it took, and the exit code.</returns>
    public async Task<(TimeSpan Took, int Code)> Terminate()
    {
        var begun = TimeProvider.System.GetTimestamp();
        await Signal("-TERM");
        var code = await Ended(TimeSpan.FromSeconds(20));
        var took = TimeProvider.System.GetElapsedTime(begun);
        // A crowded machine may take a second to end a process that has returned.
        if (code is not (0 or TermExitCode) || took > TimeSpan.FromSeconds(7)) throw new InvalidOperationException($"a worker that was told to end took {took.TotalSeconds:0.0} s and ended with {code}: {Said}");
        return (took, code);
    }

    public async Task<int> Ended(TimeSpan patience)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"a worker did not end within {patience.TotalSeconds:0} s: {Said}");
        }
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            while (_lines.Count > 20) _lines.Dequeue();
        }
        if (line.Contains(_sign, StringComparison.Ordinal)) _begun.TrySetResult(line);
    }
}
