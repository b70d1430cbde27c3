using Recs.Ingest;
using Recs.Pipelines.Ingest;
using Spectre.Console;

namespace Recs.Pipelines.Tests.Ingest;

public sealed class IngestPanelTests
{
    [Fact]
    public void At_TwoMoments_ShowsTotalsAndTheLastSeconds()
    {
        var panel = new IngestPanel();
        var first = new IngestProgress(10_000, 9_000, 900, 100, 4, 0, 0, 70_000, 36, 12) { StoredMessages = 10_000, CommitTime = TimeSpan.FromMilliseconds(80), LongestCommit = TimeSpan.FromMilliseconds(41.5) };
        Rendered(panel.At(first, TimeSpan.FromSeconds(10), []));
        var later = first with { Consumed = 40_000, Appended = 39_000, Batches = 10, Lag = 40_000, Retries = 3, StoredMessages = 40_000, CommitTime = TimeSpan.FromMilliseconds(230) };
        Assert.Equal(
            [
                "ingest, 00:00:16", "read 40,000", "a second, now 5,000", "a second, all in all 2,500", "waiting 40,000", "stored 39,000", "duplicates 900", "dead letters 100", "vectors 12",
                "partitions 36", "batches 10", "messages a batch, now 5,000", "commit, now 25.0 ms", "commit, longest 41.5 ms", "retries 3", "fenced 0", "ingest: fenced: [an offset]",
            ],
            Rendered(panel.At(later, TimeSpan.FromSeconds(16), ["ingest: fenced: [an offset]"])));
    }

    [Fact]
    public void At_NothingNewForLong_IsStillNow()
    {
        var panel = new IngestPanel();
        var progress = new IngestProgress(500, 500, 0, 0, 5, 0, 0, 0, 4, 0) { StoredMessages = 500, CommitTime = TimeSpan.FromMilliseconds(50) };
        string[] lines = [];
        for (var second = 1; second <= 20; second++) lines = Rendered(panel.At(progress, TimeSpan.FromSeconds(second), []));
        Assert.Contains("a second, now 0", lines);
        Assert.Contains("a second, all in all 25", lines);
        Assert.Contains("messages a batch, now –", lines);
        Assert.Contains("commit, now –", lines);
    }

    [Fact]
    public void At_TheBeginning_DividesByNothing() =>
        Assert.Contains("a second, now 0", Rendered(new IngestPanel().At(default, TimeSpan.Zero, [])));

    /// <summary>Its lines, without the frame and with one blank between words.</summary>
    private static string[] Rendered(Spectre.Console.Rendering.IRenderable panel)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 100;
        console.Write(panel);
        return [.. text.ToString().Split('\n').Select(line => string.Join(' ', line.Split([' ', '│', '─', '╭', '╮', '╰', '╯', '\r'], StringSplitOptions.RemoveEmptyEntries))).Where(line => line.Length > 0)];
    }
}
