using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Api.Live;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Api;

/// <summary><c>recs bench api</c>: answers of the ranking API, in this process and over HTTP.</summary>
internal static class ApiBenchVerb
{
    private const int Ads = 200, Dimensions = 256, Checked = 50, Users = 2_000;

    public static Command Create(TimeProvider clock)
    {
        var events = CountOption.Create("--events", 300_000, 50_000, 10_000_000, "Events of the traffic that the state is made of");
        var requests = CountOption.Create("--requests", 2_000, 100, 1_000_000, "Requests in this process");
        var rate = CountOption.Create("--rate", 200, 1, 100_000, "Requests a second over HTTP");
        var seconds = CountOption.Create("--seconds", 20, 1, 3_600, "Seconds of load over HTTP");
        var json = Verb.JsonOption();
        return Verb.Create("api", "Milliseconds of a ranking answer: 500 candidates and the ads, all features and heads, slates of 20; by one caller in this process, and over HTTP with the ledger on, under a load that does not wait.",
            [events, requests, rate, seconds, json], async (parsed, cancel) =>
            {
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    using var store = EventStore.Open("duckdb::memory:");
                    store.Migrate();
                    Console.WriteLine("bench api: making traffic, vectors and a model");
                    var (model, now) = new ApiBenchWorld(parsed.GetValue(events), Ads, Dimensions).Fill(store, folder, cancel);
                    var then = new ShiftedClock(clock, now.ToDateTimeOffset());
                    await using var live = LiveState.Load(store, model, clock: then);
                    var bench = new ApiBench(live, now, Users, then);
                    await bench.Check(Checked, cancel);
                    var (times, allocated) = bench.InProcess(parsed.GetValue(requests), cancel);
                    var http = await bench.Http(parsed.GetValue(rate), parsed.GetValue(seconds), cancel);
                    var result = new ApiBenchResult("api", "ms", Percentile.Of(times, 0.5), new Dictionary<string, double> { ["http_p50"] = Percentile.Of(http.Milliseconds, 0.5) }, new Dictionary<string, double> { ["http_p50"] = Percentile.Of(times, 0.5) / Percentile.Of(http.Milliseconds, 0.5) }, Checked: true, MachineFacts.Read())
                    {
                        Threads = 1,
                        P99 = Percentile.Of(times, 0.99),
                        AllocatedBytes = allocated,
                        HttpP50 = Percentile.Of(http.Milliseconds, 0.5),
                        HttpP99 = Percentile.Of(http.Milliseconds, 0.99),
                        HttpRate = parsed.GetValue(rate),
                        HttpRefused = http.Refused,
                        HttpDegraded = http.Degraded,
                        HttpProcessorMilliseconds = http.ProcessorMilliseconds,
                        Collections = http.Collections,
                        PausedMilliseconds = http.PausedMilliseconds,
                        DecisionsPublished = http.Decisions.Published,
                        DecisionsDropped = http.Decisions.Dropped,
                        Columns = model.Schema.Width,
                        Trees = model.Heads.Sum(head => head.Trees),
                    };
                    Console.WriteLine(Say($"in process p50 {result.Ours:0.00} ms, p99 {result.P99:0.00} ms; {result.AllocatedBytes / 1_024:0.0} KiB allocated an answer; {result.Columns} columns, {result.Trees} trees in {model.Heads.Count} heads"));
                    Console.WriteLine(Say($"over HTTP  p50 {result.HttpP50:0.00} ms, p99 {result.HttpP99:0.00} ms at {result.HttpRate} requests/s; {result.HttpRefused} refused, {result.HttpDegraded} degraded; {result.DecisionsPublished} decisions published, {result.DecisionsDropped} dropped"));
                    Console.WriteLine(Say($"           {result.HttpProcessorMilliseconds:0.00} ms on processors an answer, server, ledger, broker and client; {result.Collections} collections of garbage, {result.PausedMilliseconds:0} ms in all"));
                    Console.WriteLine(Say($"checked    {Checked} answers: each ranked twice alike, each of at least 500 candidates; as many over HTTP, each made again from its record, byte for byte"));
                    Verb.WriteJson(parsed.GetValue(json), result, ApiBenchJson.Default.ApiBenchResult);
                    return 0;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What <c>recs bench api</c> found; the figure is p50 in this process.</summary>
internal sealed record ApiBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>In this process.</summary>
    [JsonPropertyOrder(1)]
    public required double P99 { get; init; }

    /// <summary>By an answer in this process, on the caller's thread.</summary>
    [JsonPropertyOrder(1)]
    public required double AllocatedBytes { get; init; }

    /// <summary>Over HTTP, from the moment a request was due.</summary>
    [JsonPropertyOrder(1)]
    public required double HttpP50 { get; init; }

    /// <summary>The same.</summary>
    [JsonPropertyOrder(1)]
    public required double HttpP99 { get; init; }

    /// <summary>Requests a second.</summary>
    [JsonPropertyOrder(1)]
    public required int HttpRate { get; init; }

    /// <summary>Answers with another status than 200.</summary>
    [JsonPropertyOrder(1)]
    public required int HttpRefused { get; init; }

    /// <summary>Answers that did without something.</summary>
    [JsonPropertyOrder(1)]
    public required int HttpDegraded { get; init; }

    /// <summary>Time on processors by an answer over HTTP: server, ledger, broker and client.</summary>
    [JsonPropertyOrder(1)]
    public required double HttpProcessorMilliseconds { get; init; }

    /// <summary>Garbage collections under the load.</summary>
    [JsonPropertyOrder(1)]
    public required int Collections { get; init; }

    /// <summary>How long they stopped everything, in all.</summary>
    [JsonPropertyOrder(1)]
    public required double PausedMilliseconds { get; init; }

    /// <summary>Of the warming requests and the load.</summary>
    [JsonPropertyOrder(1)]
    public required long DecisionsPublished { get; init; }

    /// <summary>Likewise.</summary>
    [JsonPropertyOrder(1)]
    public required long DecisionsDropped { get; init; }

    /// <summary>Of a feature row.</summary>
    [JsonPropertyOrder(1)]
    public required int Columns { get; init; }

    /// <summary>Of all heads.</summary>
    [JsonPropertyOrder(1)]
    public required int Trees { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ApiBenchResult))]
internal sealed partial class ApiBenchJson : JsonSerializerContext;
