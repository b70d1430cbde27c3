using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Bench.Freshness;

/// <summary><c>recs bench fresh</c>: from publishing an event to seeing it in a ranking answer.</summary>
internal static class FreshnessBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var model = Verb.ModelOption();
        var rate = new Option<int>("--rate") { Description = "Other events a second meanwhile, 0 to 100,000.", HelpName = "N", DefaultValueFactory = _ => 2_000 };
        var probes = new Option<int>("--probes") { Description = "Items looked for, 10 to 100,000.", HelpName = "N", DefaultValueFactory = _ => 300 };
        var json = Verb.JsonOption();
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100_000) result.AddError("--rate: range 0 to 100,000");
        });
        probes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 10 or > 100_000) result.AddError("--probes: range 10 to 100,000");
        });
        return Verb.Create("fresh", "Milliseconds from publishing an item until a ranking answer holds it, amid other events; brokers, ingest into DuckDB and ranking in this process, without HTTP.",
            [model, rate, probes, json], async (parsed, cancel) =>
            {
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    var run = await new FreshnessBench(RankerModel.Load(parsed.GetValue(model)!), parsed.GetValue(rate), parsed.GetValue(probes), clock).Run(folder, cancel);
                    var result = new FreshnessResult("fresh", "ms", Percentile.Of(run.Milliseconds, 0.5), Percentile.Of(run.Milliseconds, 0.99), run.Milliseconds[^1], run.Milliseconds.Length, parsed.GetValue(rate), run.Sent, Checked: true, MachineFacts.Read());
                    Console.WriteLine(FormattableString.Invariant($"fresh  p50 {result.Ours:0.0} ms, p99 {result.P99:0.0} ms, worst {result.Worst:0.0} ms over {result.Probes} items amid {result.Sent:N0} events at {result.Rate:N0} a second; every item was found"));
                    Verb.WriteJson(parsed.GetValue(json), result, FreshnessJson.Default.FreshnessResult);
                    return 0;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
    }
}

/// <summary>What <c>recs bench fresh</c> found.</summary>
/// <param name="Name">Of the benchmark.</param>
/// <param name="Unit">Of the figures.</param>
/// <param name="Ours">Half of the items were seen within so long.</param>
/// <param name="P99">99 of 100.</param>
/// <param name="Worst">All.</param>
/// <param name="Probes">Items looked for.</param>
/// <param name="Rate">Other events a second, asked for.</param>
/// <param name="Sent">Other events meanwhile.</param>
/// <param name="Checked">Every item was found.</param>
/// <param name="Machine">Where.</param>
internal sealed record FreshnessResult(string Name, string Unit, double Ours, double P99, double Worst, int Probes, int Rate, long Sent, bool Checked, MachineFacts Machine);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FreshnessResult))]
internal sealed partial class FreshnessJson : JsonSerializerContext;
