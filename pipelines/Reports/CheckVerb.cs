using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Pipelines.Check;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.State;
using Recs.Storage.Reports;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Reports;

/// <summary><c>recs check</c>: the queries of <c>sql/checks</c>, which return no row where the data is sound, and the snapshot against a replay.</summary>
internal static class CheckVerb
{
    /// <summary>Rows shown of a broken check; their number is told whole.</summary>
    private const int ShownRows = 5;

    public static Command Create()
    {
        var db = StoreOption.Create(required: false);
        var training = new Option<string?>("--training") { Description = "Rows for training to check instead of a store: Parquet as recs train reads it.", HelpName = "FILE.parquet" };
        var config = new Option<string?>("--config") { Description = "With --training: how they would be learnt from; pipelines/train.yaml where it is not given.", HelpName = "FILE.yaml" };
        var json = Verb.JsonOption();
        return Verb.Create("check", "Runs the checks over a store, or over rows for training; exit 1 when one finds what must not be.", [db, training, config, json], (parsed, cancel) =>
        {
            if (parsed.GetValue(training) is { } file)
                return parsed.GetValue(db) is null ? Task.FromResult(TrainingRowsCheck.Run(file, parsed.GetValue(config), parsed.GetValue(json))) : throw new RefusedException("--db and --training check different things: name one");
            if (parsed.GetValue(db) is null) throw new RefusedException("name what to check: --db URL for a store, or --training FILE.parquet for rows");
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            store.RefreshMarts(cancel: cancel); // they are checked against the facts
            var runner = new CheckRunner(store);
            var console = Terminal.Open();
            var found = new Dictionary<string, long>(StringComparer.Ordinal);
            var width = CheckRunner.Names.Append(SnapshotCheck.Name).Max(name => name.Length);
            foreach (var name in CheckRunner.Names)
            {
                var rows = runner.Run(name);
                found[name] = rows.Rows.Count;
                Show(console, name.PadRight(width), rows, CheckRunner.Describe(name).Summary);
            }
            var snapshot = SnapshotCheck.Run(store);
            console.WriteLine($"{SnapshotCheck.Name.PadRight(width)}  {(snapshot.IsBroken ? "DIFFERENT: " : "")}{snapshot.Said}");
            if (snapshot.IsCompared) found[SnapshotCheck.Name] = snapshot.IsBroken ? 1 : 0;
            var broken = found.Values.Count(count => count > 0);
            console.WriteLine(broken == 0 ? $"check: all {found.Count} hold" : $"check: {broken} of {found.Count} broken");
            Verb.WriteJson(parsed.GetValue(json), new CheckResult(broken == 0, found), CheckJson.Default.CheckResult);
            return Task.FromResult(broken == 0 ? 0 : 1);
        });
    }

    private static void Show(IAnsiConsole console, string name, Table rows, string summary)
    {
        if (rows.Rows.Count == 0)
        {
            console.WriteLine($"{name}  ok");
            return;
        }
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}  {rows.Rows.Count} rows found; it must hold that: {summary}"));
        TableText.Show(rows with { Rows = [.. rows.Rows.Take(ShownRows)] }, console);
        if (rows.Rows.Count > ShownRows) console.WriteLine($"… and {rows.Rows.Count - ShownRows} more");
    }
}

/// <summary>What <c>recs check --json</c> writes: the rows found by each check; of the snapshot 1 where it differs from a replay, and nothing where it was not compared.</summary>
internal sealed record CheckResult(bool Sound, IReadOnlyDictionary<string, long> Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckResult))]
internal sealed partial class CheckJson : JsonSerializerContext;
