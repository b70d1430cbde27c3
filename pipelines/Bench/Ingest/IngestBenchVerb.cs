using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary><c>recs bench ingest</c>: events a second into a store, beside the plain bulk load of the same rows.</summary>
internal static class IngestBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var events = new Option<long>("--events") { Description = "How many, 10,000 to 1,000,000,000.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
        var rows = new Option<int>("--max-rows") { Description = "Events in one transaction, 1 to 100,000.", HelpName = "N", DefaultValueFactory = _ => 20_000 };
        var db = new Option<string?>("--db") { Description = "An empty PostgreSQL database, which is emptied again; without it a DuckDB file, which is deleted.", HelpName = "URL" };
        var json = Verb.JsonOption();
        events.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 10_000 or > 1_000_000_000) result.AddError("--events: range 10,000 to 1,000,000,000");
        });
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000) result.AddError("--max-rows: range 1 to 100,000");
        });
        return Verb.Create("ingest", "Events a second of ingest (read, parsed, told apart from resends, appended with their offsets, folded), from brokers in this process into a store, against the plain bulk load of the same rows into the same tables with the same indexes. What is stored is compared with what was sent. The first 300,000 events warm up and are not counted.",
            [events, rows, db, json], async (parsed, cancel) =>
            {
                var (count, url) = (parsed.GetValue(events), parsed.GetValue(db));
                var bench = new IngestBench(new FeedTraffic(1), count, parsed.GetValue(rows), clock);
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    if (url is not null) RequireEmpty(url);
                    var ours = url ?? $"duckdb:{folder}/ingest.duckdb";
                    var run = await bench.Run(ours, text => Console.WriteLine($"bench ingest: {text}"), cancel);
                    bench.Check(ours, run);
                    if (url is not null) Empty(url);
                    var plain = bench.RunPlain(url ?? $"duckdb:{folder}/plain.duckdb", cancel);
                    if (url is not null) Empty(url);
                    var result = Result(count, run, plain, url is null ? "duckdb_appender" : "postgres_copy");
                    Console.WriteLine(Say($"ingest {result.Ours:N0} events a second, plain load {count / plain:N0}: ratio {result.Ours / (count / plain):0.00}; {result.ProcessorMicrosecondsPerEvent:0.0} µs of processor time an event; the fold was done {run.FinishSeconds:0.00} s after the last batch, its snapshot included"));
                    Console.WriteLine("checked: facts and fold are those of the events sent");
                    Verb.WriteJson(parsed.GetValue(json), result, IngestBenchJson.Default.IngestBenchResult);
                    return 0;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
    }

    private static IngestBenchResult Result(long count, IngestRun run, double plain, string peer) =>
        new("ingest", "events/s", count / run.Seconds, Named(peer, count / plain), Named(peer, plain / run.Seconds), Checked: true, MachineFacts.Read())
        {
            Threads = Environment.ProcessorCount,
            Events = count,
            Batches = run.Progress.Batches,
            ProcessorMicrosecondsPerEvent = run.ProcessorSeconds / count * 1e6,
            FoldFinishSeconds = run.FinishSeconds,
            ResidentBytes = run.Resident,
        };

    private static void RequireEmpty(string url)
    {
        if (!url.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)) throw new RefusedException("--db is for PostgreSQL; DuckDB is measured in a file of its own");
        using var store = EventStore.Open(url);
        store.Migrate();
        if (store.ReadSince(0).Facts.Any() || store.Count().DeadLetters > 0) throw new RefusedException($"{store.Name} is not empty; the benchmark empties what it fills, so give it a database of its own");
    }

    private static void Empty(string url)
    {
        using var store = EventStore.Open(url);
        PlainLoad.Empty(store);
    }

    private static Dictionary<string, double> Named(string name, double figure) => new() { [name] = figure };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What <c>recs bench ingest</c> found.</summary>
internal sealed record IngestBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Sent and stored.</summary>
    [JsonPropertyOrder(1)]
    public required long Events { get; init; }

    /// <summary>Transactions.</summary>
    [JsonPropertyOrder(1)]
    public required long Batches { get; init; }

    /// <summary>Of all threads, the embedded brokers' too: less noisy than the rate where others use the machine.</summary>
    [JsonPropertyOrder(1)]
    public required double ProcessorMicrosecondsPerEvent { get; init; }

    /// <summary>From the last batch until its fold and a snapshot were done.</summary>
    [JsonPropertyOrder(1)]
    public required double FoldFinishSeconds { get; init; }

    /// <summary>Memory in use after each round of half a million events.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<long> ResidentBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(IngestBenchResult))]
internal sealed partial class IngestBenchJson : JsonSerializerContext;
