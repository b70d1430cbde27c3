using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Load;

/// <summary><c>recs load</c>: batch scores into the store.</summary>
internal static class LoadVerb
{
    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var input = new Option<string>("--input") { Description = "A Parquet file written by recs score.", HelpName = "FILE", Required = true };
        return Verb.Create("load", "Loads batch scores into the store; scores of the same model are replaced as a whole.", [db, input], async (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            await new StageBoard(Terminal.Open(), clock).Run("load", "loading scores", _ =>
            {
                var rows = store.LoadScores(parsed.GetValue(input)!, Timestamp.Now(clock));
                return Task.FromResult(($"{rows:N0} rows into {store.Name}", rows));
            });
            return 0;
        });
    }
}
