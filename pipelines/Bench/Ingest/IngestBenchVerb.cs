using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary><c>recs bench ingest</c>: events a second into a store, beside the plain bulk load of the same rows.</summary>
internal static class IngestBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var events = new Option<long>("--events") { Description = "How many, 10,000 to 1,000,000,000.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
        var rows = new Option<int>("--max-rows") { Description = "Events in one transaction, 1 to 100,000.", HelpName = "N", DefaultValueFactory = _ => 20_000 };
        var db = new Option<string?>("--db") { Description = "An empty PostgreSQL database, which is emptied again; without it a DuckDB file, which is deleted.", HelpName = "URL" };
        var workers = new Option<int?>("--workers") { Description = "A group of so many workers in this process, 1 to 16, without a fold; PostgreSQL only. Without it one worker reads all partitions, and folds.", HelpName = "N" };
        var users = CountOption.Create("--users", 100_000, 1, 10_000_000, "Users in the events");
        var items = CountOption.Create("--items", 20_000, 10, 1_000_000, "Items in the events");
        var json = Verb.JsonOption();
        events.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 10_000 or > 1_000_000_000) result.AddError("--events: range 10,000 to 1,000,000,000");
        });
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000) result.AddError("--max-rows: range 1 to 100,000");
        });
        workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 16) result.AddError("--workers: range 1 to 16");
        });
        return Verb.Create("ingest", "Events a second of ingest (read, parsed, told apart from resends, appended with their offsets, folded), from brokers in this process into a store, against the plain bulk load of the same rows into the same tables with the same indexes. What is stored is compared with what was sent. The first 300,000 events warm up and are not counted.",
            [events, rows, db, workers, users, items, json], async (parsed, cancel) =>
            {
                var (count, url, group) = (parsed.GetValue(events), parsed.GetValue(db), parsed.GetValue(workers));
                if (group is not null && url is null) throw new RefusedException("--workers needs --db: a DuckDB file belongs to one process and one worker");
                var bench = new IngestBench(new FeedTraffic(1, parsed.GetValue(users), parsed.GetValue(items)), count, parsed.GetValue(rows), clock);
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    if (url is not null) RequireEmpty(url);
                    var ours = url ?? $"duckdb:{folder}/ingest.duckdb";
                    var run = group is { } size ? await bench.RunGroup(ours, size, Tell, cancel) : await bench.Run(ours, Tell, cancel);
                    bench.Check(ours, run);
                    if (url is not null) Empty(url);
                    var plain = bench.RunPlain(url ?? $"duckdb:{folder}/plain.duckdb", cancel);
                    if (url is not null) Empty(url);
                    var result = Result(count, group, run, plain, url is null ? "duckdb_appender" : "postgres_copy");
                    Console.WriteLine(Invariant($"ingest {result.Ours:N0} events a second, plain load {count / plain.Seconds:N0}: ratio {plain.Seconds / run.Seconds:0.00}; processor time an event {result.ProcessorMicrosecondsPerEvent:0.0} µs, {result.PlainProcessorMicrosecondsPerEvent:0.0} µs; snapshot at the end {run.FinishSeconds:0.00} s"));
                    Console.WriteLine(run.Digest is null ? "checked: the facts are those of the events sent" : "checked: facts and fold are those of the events sent");
                    Verb.WriteJson(parsed.GetValue(json), result, IngestBenchJson.Default.IngestBenchResult);
                    return 0;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }

                static void Tell(string text) => Console.WriteLine($"bench ingest: {text}");
            });
    }

    private static IngestBenchResult Result(long count, int? workers, IngestRun run, (double Seconds, double Processor) plain, string peer) =>
        new("ingest", "events/s", count / run.Seconds, Named(peer, count / plain.Seconds), Named(peer, plain.Seconds / run.Seconds), Checked: true, MachineFacts.Read())
        {
            Threads = Environment.ProcessorCount,
            Events = count,
            Workers = workers ?? 1,
            Folded = run.Digest is not null,
            Batches = run.Batches,
            ProcessorMicrosecondsPerEvent = run.ProcessorSeconds / count * 1e6,
            PlainProcessorMicrosecondsPerEvent = plain.Processor / count * 1e6,
            SnapshotSeconds = run.FinishSeconds,
            Rounds = run.Rounds,
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
}

/// <summary>What <c>recs bench ingest</c> found.</summary>
internal sealed record IngestBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Sent and stored.</summary>
    [JsonPropertyOrder(1)]
    public required long Events { get; init; }

    /// <summary>That shared the partitions.</summary>
    [JsonPropertyOrder(1)]
    public required int Workers { get; init; }

    /// <summary>Whether the events were folded too, within the time.</summary>
    [JsonPropertyOrder(1)]
    public required bool Folded { get; init; }

    /// <summary>Transactions.</summary>
    [JsonPropertyOrder(1)]
    public required long Batches { get; init; }

    /// <summary>Of all threads, the embedded brokers' too: less noisy than the rate where others use the machine.</summary>
    [JsonPropertyOrder(1)]
    public required double ProcessorMicrosecondsPerEvent { get; init; }

    /// <summary>The same of the plain load.</summary>
    [JsonPropertyOrder(1)]
    public required double PlainProcessorMicrosecondsPerEvent { get; init; }

    /// <summary>Of the fold at the end, not within the time.</summary>
    [JsonPropertyOrder(1)]
    public required double SnapshotSeconds { get; init; }

    /// <summary>After each half million events: time, memory, garbage.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<IngestRound> Rounds { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(IngestBenchResult))]
internal sealed partial class IngestBenchJson : JsonSerializerContext;
