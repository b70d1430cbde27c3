using System.CommandLine;
using System.Globalization;
using Recs.Pipelines.CommandLine;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.Forest;

/// <summary><c>recs bench forest</c>: rows a second through a forest, beside LightGBM's own predictor and ML.NET's.</summary>
internal static class ForestBenchVerb
{
    public static Command Create()
    {
        var trees = CountOption.Create("--trees", 500, 1, 10_000, "Trees of the forest");
        var leaves = CountOption.Create("--leaves", 31, 2, 1_024, "Leaves of a tree");
        var features = CountOption.Create("--features", 64, 4, 10_000, "Numbers in a row");
        var block = CountOption.Create("--rows", 500, 1, 100_000, "Rows scored by one call");
        var rounds = CountOption.Create("--rounds", 9, 1, 1_000, "Measurements of each, in turns; the median counts");
        var json = Verb.JsonOption();
        return Verb.Create("forest",
            "Rows a second of processor time through one forest on one thread: ours, LightGBM's C interface on the same trees, ML.NET's Transform; and the time of a single row. The forest is grown on seeded made-up rows. Scores are compared first.",
            [trees, leaves, features, block, rounds, json], (parsed, cancel) =>
            {
                var bench = new ForestBench(parsed.GetValue(trees), parsed.GetValue(leaves), parsed.GetValue(features), parsed.GetValue(block), parsed.GetValue(rounds));
                var result = bench.Run(cancel);
                Console.WriteLine(Invariant($"forest     {result.Trees} trees, up to {parsed.GetValue(leaves)} leaves, {result.Features} features, blocks of {result.Block} rows, one thread"));
                Console.WriteLine(Invariant($"checked    ML.NET: the same bits as its float score on {ForestBench.CheckedRows:N0} rows; LightGBM: off by {result.LargestDifference?.ToString("0.0e0", CultureInfo.InvariantCulture) ?? "(not there)"} at most"));
                Console.WriteLine(Invariant($"ours       {result.Ours,12:N0} rows/s, single row {result.SingleRowMicroseconds:0.00} µs"));
                foreach (var (name, figure) in result.Peers) Console.WriteLine(Invariant($"{name,-10} {figure,12:N0} rows/s, ours {result.Ratio[name]:0.0} times as fast"));
                if (result.SingleRowLightGbmMicroseconds is { } theirs) Console.WriteLine(Invariant($"lightgbm   single row {theirs:0.00} µs (SingleRowFast), ours {theirs / result.SingleRowMicroseconds:0.0} times as fast"));
                if (result.Skipped is { } reason) Console.WriteLine("skipped    " + reason);
                Verb.WriteJson(parsed.GetValue(json), result, ForestBenchJson.Default.ForestBenchResult);
                return Task.FromResult(0);
            });
    }
}
