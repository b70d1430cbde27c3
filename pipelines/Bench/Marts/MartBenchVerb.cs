using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Pipelines.CommandLine;
using Recs.Storage;
using Recs.Storage.Reports;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.Marts;

/// <summary><c>recs bench marts</c>: seconds of the mart job and of every report.</summary>
internal static class MartBenchVerb
{
    public static Command Create()
    {
        var facts = CountOption.Create("--facts", 10_000_000, 10_000, 1_000_000_000, "Facts");
        var days = CountOption.Create("--days", 30, 8, 365, "UTC days that they are spread over");
        var db = new Option<string?>("--db") { Description = "A database of its own, which is filled if it is empty and kept: a later run only measures. Without it a DuckDB file, which is deleted.", HelpName = "URL" };
        var only = new Option<string[]>("--report") { Description = "Time this report only; may be repeated.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var json = Verb.JsonOption();
        return Verb.Create("marts", "Seconds in which all days of the marts are made, in which one more day or a late click is taken in, and of every report over a week and over all days, against one pass over the mart.",
            [facts, days, db, only, json], (parsed, cancel) =>
            {
                var (count, span) = (parsed.GetValue(facts), parsed.GetValue(days));
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    using var store = EventStore.Open(parsed.GetValue(db) ?? $"duckdb:{folder}/marts.duckdb");
                    store.Migrate();
                    var result = Measure(store, new MartTraffic(count, span), count, span, parsed.GetValue(only)!, cancel);
                    Verb.WriteJson(parsed.GetValue(json), result, MartBenchJson.Default.MartBenchResult);
                    return Task.FromResult(0);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
    }

    private static MartBenchResult Measure(IRecsStore store, MartTraffic traffic, long facts, int days, string[] only, CancellationToken cancel)
    {
        var bench = new MartBench(store, traffic, days);
        var counts = store.Count();
        var there = counts.Items + counts.Users + counts.Impressions + counts.Interactions - MartTraffic.Announced;
        var isGrown = false;
        if (there + MartTraffic.Announced == 0) traffic.Fill(store, done =>
        {
            if (done % 1_000_000 == 0) Tell(Invariant($"{done:N0} of {facts:N0} facts"));
        }, cancel);
        else isGrown = traffic.Count(there);
        Tell("making the days that are due");
        var (rebuild, made) = bench.Refresh(cancel);
        bench.Check();
        Console.WriteLine(Invariant($"{made} days, {traffic.Totals.Shown:N0} rows in all: {rebuild:0.0} s"));
        var clusters = bench.Cluster(cancel);
        Console.WriteLine(Invariant($"{clusters.Count} clusters of embeddings: {(clusters.Seconds > 0 ? Invariant($"{clusters.Seconds:0.0} s") : "there already")}"));
        var (late, next) = ((Seconds: 0.0, Days: 0L), (Seconds: 0.0, Days: 0L));
        if (!isGrown)
        {
            traffic.AppendLateClick(store, days / 2);
            late = bench.Refresh(cancel);
            traffic.AppendNextDay(store);
            next = bench.Refresh(cancel);
            bench.Check();
            Console.WriteLine(Invariant($"a late click: {late.Days} days in {late.Seconds:0.00} s; one more day: {next.Days} days in {next.Seconds:0.00} s"));
        }
        var scan = bench.ScanSeconds(cancel);
        List<ReportTime> times = [];
        foreach (var name in only.Length > 0 ? only : ReportRunner.Names)
        {
            var time = bench.Time(name, cancel);
            times.Add(time);
            Console.WriteLine(time.Refused is { } why ? $"{name}: not timed: {why}" : Invariant($"{name}: {(time.WeekSeconds is { } week ? Invariant($"a week {week:0.00} s, ") : "")}all days {time.AllSeconds:0.00} s, {time.Rows} rows"));
        }
        Console.WriteLine(Invariant($"one pass over the mart: {scan:0.00} s"));
        var slowest = times.Max(time => time.AllSeconds ?? 0);
        return new("marts", "s", slowest, new Dictionary<string, double> { ["one_pass"] = scan }, new Dictionary<string, double> { ["one_pass"] = slowest / scan }, Checked: true, MachineFacts.Read())
        {
            Threads = Environment.ProcessorCount,
            Facts = facts,
            Days = days,
            RebuildSeconds = made == 0 ? null : rebuild,
            ClusterSeconds = clusters.Seconds > 0 ? clusters.Seconds : null,
            Rows = traffic.Totals.Shown,
            LateClickSeconds = late.Seconds,
            NextDaySeconds = next.Seconds,
            Reports = times,
        };
    }

    private static void Tell(string text) => Console.Error.WriteLine($"bench marts: {text}");
}

/// <summary>What <c>recs bench marts</c> found; the figure is that of the slowest report over all days.</summary>
internal sealed record MartBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>In the store.</summary>
    [JsonPropertyOrder(1)]
    public required long Facts { get; init; }

    /// <summary>UTC days.</summary>
    [JsonPropertyOrder(1)]
    public required int Days { get; init; }

    /// <summary>For all days; null where an earlier run has made them.</summary>
    [JsonPropertyOrder(1)]
    public required double? RebuildSeconds { get; init; }

    /// <summary>For the clusters of embeddings; null where an earlier run has made them.</summary>
    [JsonPropertyOrder(1)]
    public required double? ClusterSeconds { get; init; }

    /// <summary>Of the mart of impressions.</summary>
    [JsonPropertyOrder(1)]
    public required long Rows { get; init; }

    /// <summary>For the days that a late click has changed; 0 where it was not measured.</summary>
    [JsonPropertyOrder(1)]
    public required double LateClickSeconds { get; init; }

    /// <summary>For one more day; 0 where it was not measured.</summary>
    [JsonPropertyOrder(1)]
    public required double NextDaySeconds { get; init; }

    /// <summary>Each report.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<ReportTime> Reports { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(MartBenchResult))]
internal sealed partial class MartBenchJson : JsonSerializerContext;
