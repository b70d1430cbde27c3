using System.Diagnostics;
using Recs.Tests;

namespace Recs.EndToEnd.Tests;

/// <summary>The built command line, run as a child process.</summary>
internal sealed class RecsProgram : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private RecsProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output, string Errors)> Run(params string[] arguments)
    {
        using var program = Start(arguments);
        var output = await program._process.StandardOutput.ReadToEndAsync();
        return (await program.Ended(), output, await program._errors);
    }

    public static RecsProgram Start(params string[] arguments)
    {
        // The configuration the tests were built in is the one the program was built in.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Requirements.Root, "artifacts", "bin", "Recs.Pipelines", configuration, "recs.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RECS_HOME"] = Requirements.Root;
        return new RecsProgram(Process.Start(start)!);
    }

    /// <summary>Reads lines until one holds <paramref name="text"/>, and returns it.</summary>
    public async Task<string> Line(string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        throw new InvalidOperationException($"the program ended without '{text}': {await _errors}");
    }

    /// <summary>Asks it to end. SIGTERM, not the SIGINT of Ctrl-C: a shell that runs tests in the background makes its children deaf to that one.</summary>
    public async Task<int> Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        return await Ended();
    }

    /// <summary>Ends it as a failing machine would (SIGKILL), and waits until nothing of it is left.</summary>
    public async Task Kill()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    private async Task<int> Ended()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
