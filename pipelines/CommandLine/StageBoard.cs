using System.Globalization;
using Spectre.Console;

namespace Recs.Pipelines.CommandLine;

/// <summary>
/// Shows long work stage by stage: a bar with the time left on a terminal, one plain line a stage otherwise. Remembers how long
/// each stage took.
/// </summary>
internal sealed class StageBoard
{
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, double> _seconds = [];

    public StageBoard(IAnsiConsole console, TimeProvider clock)
    {
        _console = console;
        _clock = clock;
    }

    /// <summary>Seconds by stage, in order of first run.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Runs one stage.</summary>
    /// <param name="name">A word: the key in <see cref="Seconds"/>.</param>
    /// <param name="doing">What is being done, in a few words.</param>
    /// <param name="work">Reports its share done, 0 to 1, and returns what was done, in a few words, with its result.</param>
    public async Task<T> Run<T>(string name, string doing, Func<IProgress<double>, Task<(string Done, T Result)>> work)
    {
        var begun = _clock.GetTimestamp();
        (string Done, T Result) outcome = default;
        if (Terminal.IsOne(_console))
        {
            await _console.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async progress =>
                {
                    var task = progress.AddTask(Markup.Escape(doing));
                    task.IsIndeterminate = true; // until the work says how far it is; some of it never can
                    outcome = await work(new Reporter(share =>
                    {
                        task.IsIndeterminate = false;
                        task.Value = share * 100;
                    }));
                });
        }
        else
        {
            outcome = await work(new Reporter(_ => { }));
        }
        var seconds = _clock.GetElapsedTime(begun).TotalSeconds;
        _seconds[name] = _seconds.GetValueOrDefault(name) + seconds;
        _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-10} {seconds,6:0.0} s  {outcome.Done}"));
        return outcome.Result;
    }

    /// <summary>Calls back on the reporting thread: <see cref="Progress{T}"/> would hand every report to the pool.</summary>
    private sealed class Reporter(Action<double> show) : IProgress<double>
    {
        public void Report(double value) => show(value);
    }
}
