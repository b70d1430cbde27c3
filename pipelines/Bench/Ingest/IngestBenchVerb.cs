using System.CommandLine;
using System.Globalization;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary><c>recs bench ingest</c>: events a second into a store, beside the plain bulk load of the same rows.</summary>
internal static class IngestBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var events = new Option<long>("--events") { Description = "How many, 10,000 to 1,000,000,000.", DefaultValueFactory = _ => 1_000_000 };
        var rows = new Option<int>("--max-rows") { Description = "Events in one transaction, 1 to 100,000.", DefaultValueFactory = _ => 20_000 };
        var postgres = new Option<string?>("--db") { Description = "An empty PostgreSQL database; without it, a DuckDB file that is deleted again.", HelpName = "URL" };
        var json = Verb.JsonOption();
        events.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 10_000 or > 1_000_000_000) result.AddError("--events: range 10,000 to 1,000,000,000");
        });
        return Verb.Create("ingest", "Events a second of ingest, from brokers in this process into a store, against the plain bulk load of the same rows into the same tables; what is stored is compared with what was sent.",
            [events, rows, postgres, json], async (parsed, cancel) =>
            {
                var (count, maxRows) = (parsed.GetValue(events), parsed.GetValue(rows));
                var bench = new IngestBench(new FeedTraffic(1), count, maxRows, clock);
                var folder = Directory.CreateTempSubdirectory("recs-bench-").FullName;
                try
                {
                    var url = parsed.GetValue(postgres) ?? $"duckdb:{folder}/ingest.duckdb";
                    var run = await bench.Run(url, new Progress<double>(), cancel);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ingest  {count / run.Seconds:N0} events a second ({count:N0} in {run.Seconds:F1} s)"));
                    bench.Check(url);
                    var plain = bench.RunPlain(parsed.GetValue(postgres) is null ? $"duckdb:{folder}/plain.duckdb" : url);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"plain   {count / plain:N0} events a second"));
                    return 0;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
    }
}
