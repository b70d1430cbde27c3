using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage;
using Spectre.Console;

namespace Recs.Pipelines.Load;

/// <summary><c>recs load</c>: batch scores into the store.</summary>
internal static class LoadVerb
{
    public static Command Create(TimeProvider clock)
    {
        var db = Verb.StoreOption();
        var input = new Option<string>("--input") { Description = "A Parquet file written by recs score.", HelpName = "FILE", Required = true };
        return Verb.Create("load", "Loads batch scores into the store; scores of the same model are replaced as a whole.", [db, input], async (parsed, _) =>
        {
            using var store = EventStore.Open(parsed.GetValue(db)!);
            store.Migrate();
            await new StageBoard(AnsiConsole.Console, clock).Run("load", "loading scores", _ =>
            {
                var rows = store.LoadScores(parsed.GetValue(input)!, Timestamp.Now(clock));
                return Task.FromResult(($"{rows:N0} rows into {store.Name}", rows));
            });
            return 0;
        });
    }
}
