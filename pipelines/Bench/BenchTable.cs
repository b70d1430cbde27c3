using Recs.Pipelines.CommandLine;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;
using static System.FormattableString;

namespace Recs.Pipelines.Bench;

/// <summary>Benchmarks for a person.</summary>
internal static class BenchTable
{
    public static void Show(IReadOnlyList<EmbedRun> runs, IReadOnlyList<string> skipped, MachineFacts machine, int threads)
    {
        var console = Terminal.Open();
        console.WriteLine(Invariant($"{machine.Processor}, {machine.Cores} cores, {threads} threads, vectors of {machine.VectorBits} bits, {machine.Runtime}"));
        foreach (var run in runs) console.WriteLine($"checked    {run.Name}: {run.Checked}");
        TableText.Show(new Table(["model", "texts", "tokens", "texts/s", "tokens/s", "GFLOP/s", "FMA peak", "of peak", "paired", "load s", "again s", "allocated/text"],
            [.. runs.Select(run => new object?[]
            {
                run.Name, run.Texts, run.Tokens, Round(run.TextsPerSecond), Round(run.TokensPerSecond), Round(run.Gflops), Round(run.FmaPeak), Round(run.OfPeak, 3),
                Round(run.OfPeakPaired, 3), Round(run.FirstLoadSeconds, 2), run.SecondLoadSeconds is { } again ? Round(again, 2) : null, Round(run.AllocatedBytes / run.Texts, 0),
            })]), console);
        foreach (var reason in skipped) console.WriteLine("skipped    " + reason);
    }

    public static void Show(StreamingBenchResult result)
    {
        var console = Terminal.Open();
        TableText.Show(new Table(["weights", "tokens", "seconds", "tokens/s", "GFLOP/s", "paired", "load s", "peak memory"],
            [.. new[] { ("all in memory", result.Full), ("passing through", result.Stream) }.Select(row => new object?[]
            {
                row.Item1, row.Item2.Tokens, Round(row.Item2.Seconds, 2), Round(row.Item2.TokensPerSecond), Round(row.Item2.Gflops), Round(row.Item2.OfPeakPaired, 3),
                Round(row.Item2.FirstLoadSeconds, 2), ByteSize.Text(row.Item2.PeakResidentBytes),
            })]), console);
        console.WriteLine(Invariant($"the same bits; streaming has {result.Ratio["full"]:0.00} of the speed; checkpoint {ByteSize.Text(result.CheckpointBytes)}, allowed {ByteSize.Text(result.MemoryBytes)}: {(result.WithinMemory ? "kept" : "NOT kept")}"));
    }

    private static double Round(double value, int digits = 1) => Math.Round(value, digits);
}
