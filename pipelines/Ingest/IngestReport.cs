using System.Globalization;
using Microsoft.Extensions.Logging;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Spectre.Console;

namespace Recs.Pipelines.Ingest;

/// <summary>
/// What a person or a log collector sees of a running worker: a panel on a terminal, plain lines elsewhere, JSON entries when asked for.
/// <see cref="Notice"/> is safe from the worker's thread.
/// </summary>
internal sealed class IngestReport : IDisposable
{
    private const int ShownNotices = 5;
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PanelEvery = TimeSpan.FromMilliseconds(250);
    private readonly TimeProvider _clock;
    private readonly IAnsiConsole _console = Terminal.Open();
    private readonly ILoggerFactory? _factory;
    private readonly ILogger? _log;
    private readonly Queue<string> _notices = new();
    private readonly Lock _gate = new();
    private bool _hasPanel;

    public IngestReport(bool json, TimeProvider clock)
    {
        _clock = clock;
        _factory = json ? IngestLog.Json() : null;
        _log = _factory?.CreateLogger("Recs.Ingest");
    }

    public void Begun(string brokers, string store, string group)
    {
        if (_log is not null) IngestLog.Begun(_log, brokers, store, group);
        else Console.WriteLine($"ingest: from kafka {brokers} into {store}, group {group}");
    }

    public void Notice(IngestNotice notice)
    {
        if (_log is not null)
        {
            IngestLog.Notice(_log, notice);
            return;
        }
        if (Line(notice) is not { } line) return;
        lock (_gate)
        {
            if (!_hasPanel)
            {
                Console.WriteLine(line);
                return;
            }
            _notices.Enqueue(line);
            while (_notices.Count > ShownNotices) _notices.Dequeue();
        }
    }

    /// <summary>Shows how far the worker is until it ends, as it ends.</summary>
    public async Task Follow(EventConsumer worker, Task running)
    {
        var begun = _clock.GetTimestamp();
        if (_log is null && Terminal.IsOne(_console))
        {
            lock (_gate) _hasPanel = true;
            var panel = new IngestPanel();
            await _console.Live(panel.At(worker.Progress, TimeSpan.Zero, [])).AutoClear(true).StartAsync(async live =>
            {
                while (await Task.WhenAny(running, Task.Delay(PanelEvery, _clock, CancellationToken.None)) != running)
                    live.UpdateTarget(panel.At(worker.Progress, _clock.GetElapsedTime(begun), Notices()));
            });
            lock (_gate)
            {
                _hasPanel = false;
                foreach (var line in _notices) Console.WriteLine(line);
            }
        }
        else
        {
            while (await Task.WhenAny(running, Task.Delay(LineEvery, _clock, CancellationToken.None)) != running) Status(IngestResult.Of(worker.Progress, _clock.GetElapsedTime(begun)), "");
        }
        await running;
    }

    public void Ended(IngestResult result, string how)
    {
        Status(result, "; " + how);
        if (_log is not null) IngestLog.Ended(_log, how);
    }

    public void Dispose() => _factory?.Dispose();

    private void Status(IngestResult result, string how)
    {
        if (_log is not null)
            IngestLog.Status(_log, result.Consumed, result.Appended, result.Duplicates, result.DeadLetters, result.Lag, result.Retries, result.Fenced, result.Consumed / Math.Max(result.Seconds, 0.001));
        else Console.WriteLine($"ingest: {result}{how}");
    }

    private string[] Notices()
    {
        lock (_gate) return [.. _notices];
    }

    /// <summary>Null for what the counts say anyway.</summary>
    private static string? Line(IngestNotice notice) => notice switch
    {
        IngestNotice.StoreFailed failed => string.Create(CultureInfo.InvariantCulture, $"ingest: the store did not {failed.What}: {failed.Fault}; the next try in {failed.Pause.TotalMilliseconds:0} ms"),
        IngestNotice.WasFenced fenced => $"ingest: fenced: {fenced.Why}",
        IngestNotice.Lost lost => $"ingest: {lost.Partitions.Count} partitions were lost: the group had given up this worker",
        IngestNotice.Moved moved => GapLines.Of(moved.Gaps),
        _ => null,
    };
}
