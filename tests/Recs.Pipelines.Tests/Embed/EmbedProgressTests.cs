using Recs.Pipelines.Embed;
using Spectre.Console;

namespace Recs.Pipelines.Tests.Embed;

public sealed class EmbedProgressTests : IDisposable
{
    private readonly StringWriter _said = new();
    private readonly HandClock _clock = new();
    private readonly EmbedProgress _progress;

    public EmbedProgressTests()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_said) });
        console.Profile.Width = 1_000;
        _progress = new EmbedProgress(console, _clock);
    }

    [Fact]
    public void Run_NoTerminal_ALineEveryTenSecondsWithTheTimeLeft()
    {
        var took = _progress.Run(10_000, () =>
        {
            _progress.Reuse(2_000);
            var batch = _progress.Batch();
            _clock.Seconds = 9;
            batch.Report(500);
            _clock.Seconds = 10;
            batch.Report(1_000); // 100 a second, those found made not counted
            batch.Report(900); // overtaken
            _clock.Seconds = 19;
            batch.Report(1_900);
            _clock.Seconds = 20;
            _progress.MoveTo(6_000);
        });
        Assert.Equal(TimeSpan.FromSeconds(20), took);
        Assert.Equal((6_000, 2_000), (_progress.Done, _progress.Reused));
        Assert.Equal(["embed: 3,000 of 10,000 texts (30.0 %), 100 a second, 1 min 10 s left", "embed: 6,000 of 10,000 texts (60.0 %), 200 a second, 20 s left"],
            _said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public void Line_NothingMadeYet_PromisesNothing()
    {
        _progress.Run(4, () => _clock.Seconds = 100);
        Assert.Equal("0 of 4 texts (0.0 %)", _progress.Line());
        _progress.Run(1_000_000, () =>
        {
            _clock.Seconds = 110;
            _progress.MoveTo(10);
        });
        Assert.EndsWith("1 a second, 277 h 46 min left", _progress.Line(), StringComparison.Ordinal);
    }

    public void Dispose() => _said.Dispose();

    private sealed class HandClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
