using Recs.Pipelines.CommandLine;
using Spectre.Console;
using static System.FormattableString;

namespace Recs.Pipelines.Embed;

/// <summary>
/// How far embedding is and how long it will take: a bar on a terminal, a plain line every ten seconds otherwise.
/// Told from any thread; what was found made already counts as done, but not for the speed.
/// </summary>
internal sealed class EmbedProgress
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private long _total, _done, _reused, _begun, _told;
    private ProgressTask? _bar;

    public EmbedProgress(IAnsiConsole console, TimeProvider clock) => (_console, _clock) = (console, clock);

    /// <summary>Texts done.</summary>
    public long Done
    {
        get
        {
            lock (_gate) return _done;
        }
    }

    /// <summary>Texts of them found made already.</summary>
    public long Reused
    {
        get
        {
            lock (_gate) return _reused;
        }
    }

    /// <summary>Runs <paramref name="work"/> on this thread and shows how far it is.</summary>
    /// <param name="total">Texts to be done.</param>
    /// <param name="work">Calls <see cref="Reuse"/> and <see cref="Batch"/> or <see cref="MoveTo"/>.</param>
    /// <returns>What it took.</returns>
    public TimeSpan Run(long total, Action work)
    {
        (_total, _done, _reused) = (total, 0, 0);
        _begun = _told = _clock.GetTimestamp();
        if (!Terminal.IsOne(_console) || total == 0)
        {
            work();
            return _clock.GetElapsedTime(_begun);
        }
        _console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                _bar = progress.AddTask("embedding", maxValue: total);
                work();
            });
        _bar = null;
        return _clock.GetElapsedTime(_begun);
    }

    /// <summary>Texts that need not be made.</summary>
    public void Reuse(int texts)
    {
        lock (_gate)
        {
            _reused += texts;
            Move(_done + texts);
        }
    }

    /// <summary>So many texts are done, those counted that need not be made.</summary>
    public void MoveTo(long done)
    {
        lock (_gate) Move(done);
    }

    /// <summary>For the texts that are made next: told how many of them are done.</summary>
    public IProgress<int> Batch()
    {
        lock (_gate) return new BatchReport(this, _done);
    }

    /// <summary>So far, as a line: <c>1,024 of 4,096 texts (25.0 %), 512 a second, 6 s left</c>.</summary>
    internal string Line()
    {
        var seconds = _clock.GetElapsedTime(_begun).TotalSeconds;
        var made = _done - _reused;
        var speed = seconds > 0 ? made / seconds : 0;
        var left = speed > 0 ? $", {speed:#,0.#} a second, {Words(TimeSpan.FromSeconds(Math.Min((_total - _done) / speed, TimeSpan.MaxValue.TotalSeconds / 2)))} left" : "";
        return Invariant($"{_done:N0} of {_total:N0} texts ({100.0 * _done / Math.Max(_total, 1):0.0} %){left}");
    }

    private void Move(long done)
    {
        if (done <= _done) return; // reports of a batch may overtake each other
        _done = done;
        _bar?.Value(done);
        if (_bar is not null || Terminal.IsOne(_console) || _clock.GetElapsedTime(_told) < LineEvery) return;
        _told = _clock.GetTimestamp();
        _console.WriteLine($"embed: {Line()}");
    }

    private static string Words(TimeSpan time) => time.TotalHours >= 1 ? Invariant($"{(long)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? Invariant($"{time.Minutes} min {time.Seconds} s")
        : Invariant($"{Math.Ceiling(time.TotalSeconds)} s");

    private sealed class BatchReport(EmbedProgress progress, long before) : IProgress<int>
    {
        public void Report(int value) => progress.MoveTo(before + value);
    }
}
