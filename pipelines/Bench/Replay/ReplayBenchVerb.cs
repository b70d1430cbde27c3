using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain.Events;
using Recs.Pipelines.Bench.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Features;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.Replay;

/// <summary><c>recs bench replay</c>: training rows a second.</summary>
internal static class ReplayBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var log = new Option<string>("--log") { Description = "online-retail (bundled), or feed: made-up traffic.", HelpName = "online-retail|feed", DefaultValueFactory = _ => "online-retail" };
        log.AcceptOnlyFromAmong("online-retail", "feed");
        var events = CountOption.Create("--events", 500_000, 1_000, 100_000_000, "Events of the feed, or the first of the other log; that one is whole where this is not given");
        var features = FeaturesFile.Option();
        var threads = CountOption.Create("--threads", Environment.ProcessorCount, 1, 1_024, "Threads that read rows");
        var runs = CountOption.Create("--runs", 3, 1, 1_000, "Measurements; the median counts");
        var json = Verb.JsonOption();
        return Verb.Create("replay", "Point-in-time training rows a second from facts in memory, on all threads, beside one thread and the fold alone; and the fold's time an event. Item vectors are drawn. The rows are compared first, with those of one thread and with those of states written out and read back.",
            [log, events, features, threads, runs, json], (parsed, cancel) =>
            {
                var name = parsed.GetValue(log)!;
                var count = parsed.GetResult(events) is { Implicit: false } || name == "feed" ? parsed.GetValue(events) : int.MaxValue;
                var (facts, action) = Read(name, count);
                var bench = new ReplayBench(facts, action, FeaturesFile.Read(parsed.GetValue(features) ?? FeaturesFile.Bundled), parsed.GetValue(threads), parsed.GetValue(runs), clock);
                var result = bench.Run(name, text => Console.WriteLine($"bench replay: {text}"), cancel);
                Console.WriteLine(Invariant($"replay     {result.Ours:N0} rows/s on {result.Threads} threads, {result.Peers["one_thread"]:N0} on one, {result.ProcessorMicrosecondsPerRow:0.00} µs of processor time a row"));
                Console.WriteLine(Invariant($"           {result.Rows:N0} rows of {result.Columns} columns, {result.Impressions:N0} impressions, {result.Events:N0} events of {name}; peak memory {ByteSize.Text(result.PeakResidentBytes)}"));
                Console.WriteLine(Invariant($"fold       {result.FoldMicrosecondsPerEvent:0.00} µs an event, {result.TalliedFoldMicrosecondsPerEvent:0.00} with its tally"));
                Console.WriteLine(Invariant($"rank       {result.RankMilliseconds:0.00} ms for the features of 500 candidates, one thread, state at rest"));
                Console.WriteLine("checked    every row has the bits of one thread's; sampled impressions those of a state written out and read back");
                Verb.WriteJson(parsed.GetValue(json), result, ReplayBenchJson.Default.ReplayBenchResult);
                return Task.FromResult(0);
            });
    }

    private static (IReadOnlyList<Fact> Facts, InteractionType Action) Read(string name, int count)
    {
        if (name == "feed") return ([.. new FeedTraffic(1).Events(0, count)], InteractionType.Click);
        var dataset = Dataset.Find(name);
        return ([.. dataset.Read(Path.Combine(Home.Root, dataset.BundledFolder!), seed: 7).Take(count)], dataset.Action);
    }
}

/// <summary>What <c>recs bench replay</c> found.</summary>
internal sealed record ReplayBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>What was replayed.</summary>
    [JsonPropertyOrder(1)]
    public required string Log { get; init; }

    /// <summary>Of the log.</summary>
    [JsonPropertyOrder(1)]
    public required int Events { get; init; }

    /// <summary>That made rows.</summary>
    [JsonPropertyOrder(1)]
    public required int Impressions { get; init; }

    /// <summary>Made by each run.</summary>
    [JsonPropertyOrder(1)]
    public required int Rows { get; init; }

    /// <summary>Numbers in a row.</summary>
    [JsonPropertyOrder(1)]
    public required int Columns { get; init; }

    /// <summary>Of all threads together, folds and tables included.</summary>
    [JsonPropertyOrder(1)]
    public required double ProcessorMicrosecondsPerRow { get; init; }

    /// <summary>Processor time of the ranking state's fold.</summary>
    [JsonPropertyOrder(1)]
    public required double FoldMicrosecondsPerEvent { get; init; }

    /// <summary>The same with the tally of events, as ingest folds.</summary>
    [JsonPropertyOrder(1)]
    public required double TalliedFoldMicrosecondsPerEvent { get; init; }

    /// <summary>Median of the features of a rank call with 500 candidates on one thread.</summary>
    [JsonPropertyOrder(1)]
    public required double RankMilliseconds { get; init; }

    /// <summary>Of this process.</summary>
    [JsonPropertyOrder(1)]
    public required long PeakResidentBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ReplayBenchResult))]
internal sealed partial class ReplayBenchJson : JsonSerializerContext;
