using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Pipelines.CommandLine;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.Score;

/// <summary><c>recs bench score</c>: rows a second from Parquet to Parquet.</summary>
internal static class ScoreBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var rows = new Option<long>("--rows") { Description = "How many, 1,000 to 1,000,000,000.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
        var trees = CountOption.Create("--trees", 100, 1, 10_000, "Trees of the forest");
        var leaves = CountOption.Create("--leaves", 31, 2, 1_024, "Leaves of a tree");
        var features = CountOption.Create("--features", 64, 4, 10_000, "Float columns");
        var threads = CountOption.Create("--threads", Environment.ProcessorCount, 1, 1_024, "Threads that read and score");
        var runs = CountOption.Create("--runs", 3, 1, 1_000, "Measurements; the median counts");
        var work = new Option<string?>("--work") { Description = "A folder for the files, which are kept and used again; without it a temporary one.", HelpName = "DIR" };
        var json = Verb.JsonOption();
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 1_000 or > 1_000_000_000) result.AddError("--rows: range 1,000 to 1,000,000,000");
        });
        return Verb.Create("score", "Rows a second of recs score from a Parquet file to a Parquet file, beside the same job with a score that costs nothing. Scores are compared with those of each row alone first.",
            [rows, trees, leaves, features, threads, runs, work, json], (parsed, cancel) =>
            {
                var folder = parsed.GetValue(work) ?? Directory.CreateTempSubdirectory("recs-bench-").FullName;
                Directory.CreateDirectory(folder);
                try
                {
                    var bench = new ScoreBench(parsed.GetValue(trees), parsed.GetValue(leaves), parsed.GetValue(features), parsed.GetValue(threads), parsed.GetValue(runs), clock);
                    var result = bench.Run(folder, parsed.GetValue(rows), text => Console.WriteLine($"bench score: {text}"), cancel);
                    Console.WriteLine(Invariant($"score      {result.Ours:N0} rows/s on {result.Threads} threads, {result.RowsPerProcessorSecond:N0} a processor second; without scoring {result.Peers["without_scoring"]:N0} rows/s"));
                    Console.WriteLine(Invariant($"           {result.Rows:N0} rows of {result.Features} features, {result.Trees} trees; input {ByteSize.Text(result.InputBytes)}, peak memory {ByteSize.Text(result.PeakResidentBytes)}"));
                    Console.WriteLine("checked    the first row group: every score is that of its row alone, keys are in their order");
                    Verb.WriteJson(parsed.GetValue(json), result, ScoreBenchJson.Default.ScoreBenchResult);
                    return Task.FromResult(0);
                }
                finally
                {
                    if (parsed.GetValue(work) is null) Directory.Delete(folder, recursive: true);
                }
            });
    }
}

/// <summary>What <c>recs bench score</c> found.</summary>
internal sealed record ScoreBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Scored by each run.</summary>
    [JsonPropertyOrder(1)]
    public required long Rows { get; init; }

    /// <summary>Float columns.</summary>
    [JsonPropertyOrder(1)]
    public required int Features { get; init; }

    /// <summary>Trees of the forest.</summary>
    [JsonPropertyOrder(1)]
    public required int Trees { get; init; }

    /// <summary>Of all threads together.</summary>
    [JsonPropertyOrder(1)]
    public required double RowsPerProcessorSecond { get; init; }

    /// <summary>Of the input file.</summary>
    [JsonPropertyOrder(1)]
    public required long InputBytes { get; init; }

    /// <summary>Of this process, growing the forest and writing the input (unless it was there) included.</summary>
    [JsonPropertyOrder(1)]
    public required long PeakResidentBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ScoreBenchResult))]
internal sealed partial class ScoreBenchJson : JsonSerializerContext;
