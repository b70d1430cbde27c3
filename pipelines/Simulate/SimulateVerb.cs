using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Storage;
using static System.FormattableString;

namespace Recs.Pipelines.Simulate;

/// <summary><c>recs simulate</c>: a day of a made-up site in a minute, closed loop through the API and Kafka.</summary>
internal static class SimulateVerb
{
    public static Command Create(TimeProvider clock)
    {
        var visits = CountOption.Create("--visits", 6_000, 100, 1_000_000, "Visits of the day");
        var seconds = CountOption.Create("--seconds", 60, 5, 86_400, "Real seconds that the day takes");
        var users = CountOption.Create("--users", 1_000, 10, 1_000_000, "People");
        var items = CountOption.Create("--items", 600, 50, 100_000, "Content");
        var campaigns = CountOption.Create("--campaigns", 12, 1, 1_000, "Ads, three to an advertiser");
        var seed = CountOption.Create("--seed", 1, 0, int.MaxValue, "Of the world and of who comes");
        var work = new Option<string?>("--work") { Description = "Keep the store and the model of the day in this folder, which must be new or empty; otherwise they go when it is over.", HelpName = "DIR" };
        var json = Verb.JsonOption();
        return Verb.Create("simulate", "A day of a made-up site in a minute: visitors with tastes, advertisers with budgets, closed loop over HTTP and Kafka; shows pacing, learning and exploration.",
            [visits, seconds, users, items, campaigns, seed, work, json], async (parsed, cancel) =>
            {
                var options = new SimulationOptions(parsed.GetValue(visits), parsed.GetValue(seconds), parsed.GetValue(users), parsed.GetValue(items), parsed.GetValue(campaigns), parsed.GetValue(seed));
                var kept = parsed.GetValue(work);
                if (kept is not null && Directory.Exists(kept) && Directory.EnumerateFileSystemEntries(kept).Any()) throw new RefusedException($"{kept} is not empty; name a new folder");
                var folder = kept is null ? Directory.CreateTempSubdirectory("recs-simulate-").FullName : Directory.CreateDirectory(kept).FullName;
                try
                {
                    var report = await Run(options, folder, clock, cancel);
                    report.Show(Terminal.Open());
                    if (kept is not null) Console.WriteLine($"kept: {folder}/day.duckdb and {folder}/model; recs replay-decision --db duckdb:{folder}/day.duckdb --model {folder}/model makes its decisions again");
                    Verb.WriteJson(parsed.GetValue(json), report, SimulationJson.Default.SimulationReport);
                    return 0;
                }
                finally
                {
                    if (kept is null) Directory.Delete(folder, recursive: true);
                }
            });
    }

    /// <summary>The day, from the beginning.</summary>
    public static async Task<SimulationReport> Run(SimulationOptions options, string folder, TimeProvider clock, CancellationToken cancel)
    {
        var board = new StageBoard(Terminal.Open(), clock);
        IRecsStore Open() => EventStore.Open($"duckdb:{folder}/day.duckdb");
        using var store = Open();
        store.Migrate();
        var simulation = new Simulation(options, folder, clock);
        var model = await board.Run("begin", "a first model from a day of random slates", _ => Task.FromResult(("three heads: click, like, hide", Begin())));
        var outcome = await board.Run("day", "the day", async progress => (Invariant($"{options.Visits:N0} visits"), await simulation.Run(store, Open, model, progress.Report, cancel)));
        return SimulationReport.Of(outcome, options, Simulation.Policy.PacingCurve);

        RankerModel Begin() => simulation.Begin(store, cancel);
    }
}
