using System.Diagnostics;
using System.Text;
using Recs.Embedder.Tests.Cuda.Cases;

namespace Recs.Embedder.Tests.Cuda.Simulator;

/// <summary>A running child.cpp. Where AddressSanitizer ended it, its report becomes the case's failure and the next launch starts another.</summary>
internal sealed class SimulatorProcess(string program) : IDisposable
{
    /// <summary>For a launch that a mistake keeps from ending; a case takes well under a second.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string> _parameters = [];
    private readonly StringBuilder _report = new();
    private Process? _child;

    /// <summary>The letters of a kernel's parameters, see sim.h.</summary>
    public string Parameters(string symbol)
    {
        Start();
        return _parameters.TryGetValue(symbol, out var letters) ? letters : throw new CaseFailedException($"there is no kernel {symbol}; there are {string.Join(", ", _parameters.Keys)}");
    }

    public void Exchange(byte[] request, Action<BinaryReader> readReply)
    {
        Start();
        try
        {
            InTime(() =>
            {
                _child!.StandardInput.BaseStream.Write(request);
                _child.StandardInput.BaseStream.Flush();
                using var reader = new BinaryReader(_child.StandardOutput.BaseStream, Encoding.UTF8, leaveOpen: true);
                readReply(reader);
            });
        }
        catch (IOException)
        {
            var child = _child!;
            child.WaitForExit();
            throw new CaseFailedException(Stop());
        }
    }

    public void Dispose() => Stop();

    private void Start()
    {
        if (_child is not null) return;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASAN_OPTIONS"] = "detect_leaks=0:detect_stack_use_after_return=0";
        var child = Process.Start(start)!;
        child.ErrorDataReceived += (_, line) =>
        {
            lock (_report) _report.AppendLine(line.Data);
        };
        child.BeginErrorReadLine();
        _child = child;
        InTime(() =>
        {
            using var reader = new BinaryReader(child.StandardOutput.BaseStream, Encoding.UTF8, leaveOpen: true);
            _parameters.Clear();
            for (var length = reader.ReadInt32(); length > 0; length = reader.ReadInt32())
                _parameters[Encoding.UTF8.GetString(reader.ReadBytes(length))] = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
        });
    }

    private void InTime(Action exchange)
    {
        var task = Task.Run(exchange);
        if (Task.WhenAny(task, Task.Delay(Limit)).GetAwaiter().GetResult() != task)
        {
            Stop();
            throw new CaseFailedException($"the launch did not end within {Limit.TotalSeconds} s");
        }
        task.GetAwaiter().GetResult();
    }

    /// <returns>What the process said, from AddressSanitizer's first line on.</returns>
    private string Stop()
    {
        if (_child is not { } child) return "";
        _child = null;
        if (!child.HasExited) child.Kill();
        child.WaitForExit();
        child.Dispose();
        lock (_report)
        {
            var report = string.Join('\n', _report.ToString().Split('\n').SkipWhile(line => !line.Contains("ERROR", StringComparison.Ordinal)).Take(12));
            _report.Clear();
            return report.Length > 0 ? report : "the simulator's process ended without a report";
        }
    }
}
