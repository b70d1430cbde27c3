using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Explain;

/// <summary><c>recs explain row</c>: why a model said what it said of one item in one request.</summary>
internal static class ExplainVerb
{
    public static Command Create()
    {
        var command = new Command("explain", "Says how a row came about, and what a model made of it.");
        command.Subcommands.Add(Row());
        return command;
    }

    private static Command Row()
    {
        var db = StoreOption.Create();
        var model = Verb.ModelOption();
        var request = new Option<string?>("--request") { Description = "The request of a logged impression.", HelpName = "ID" };
        var item = new Option<string>("--item") { Description = "The item that is judged.", HelpName = "ID", Required = true };
        var user = new Option<string?>("--user") { Description = "Instead of a request: for whom.", HelpName = "ID" };
        var time = MomentOption.Create("--time", "With --user: the moment; what was known before it is read.");
        var surface = new Option<string?>("--surface") { Description = "With --user: where the item would be shown.", HelpName = "NAME" };
        var json = Verb.JsonOption();
        return Verb.Create("row", "Replays what was known before an impression and prints every column of the model's row: its value, how it came about, and what it added to the score.",
            [db, model, request, item, user, time, surface, json], (parsed, cancel) =>
            {
                var ranker = RankerModel.Load(parsed.GetValue(model)!);
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var facts = store.Read(new IngestOptions().Group).Facts.ToList();
                var judged = new ItemId(parsed.GetValue(item)!);
                var asked = (parsed.GetValue(request), parsed.GetValue(user), MomentOption.Read("--time", parsed.GetValue(time))) switch
                {
                    ({ } id, null, null) when parsed.GetValue(surface) is null => RowQuestion.OfRequest(facts, new(id), judged),
                    (null, { } id, { } moment) => new RowQuestion(new(id), judged, moment, moment, parsed.GetValue(surface) ?? "", 1, null, []),
                    _ => throw new RefusedException("name a row: --request ID of a logged impression, or --user ID with --time TIME (and --surface NAME)"),
                };
                var vectors = ranker.EmbeddingVersion == "none" ? null : new ItemVectors(store.Embeddings(ranker.EmbeddingVersion));
                if (vectors is { Count: 0 }) throw new RefusedException($"the model reads vectors of version {ranker.EmbeddingVersion} and the store holds none of them; recs embed --db makes them");
                var result = ExplainedRow.Of(facts, asked, ranker, vectors, cancel);
                Show(result);
                Verb.WriteJson(parsed.GetValue(json), result, ExplainJson.Default.ExplainedRow);
                return Task.FromResult(0);
            });
    }

    private static void Show(ExplainedRow row)
    {
        Console.WriteLine($"item {row.Item} for user {row.User} at {row.Time}{(row.Request is null ? "" : $", request {row.Request}")}, surface '{row.Surface}', position {row.Position.ToString(CultureInfo.InvariantCulture)}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"from the {row.FactsBefore:N0} facts known before {row.Known}; model {row.Model}, embedding version {row.EmbeddingVersion}"));
        if (row.Followed.Count > 0) Console.WriteLine($"what followed: {string.Join(", ", row.Followed)}");
        foreach (var (name, head) in row.Heads)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {(head.IsAmount ? "expected" : "probability")} {head.Predicted:0.000000}, raw score {head.Score:0.000000}")
                + (head.NotExplained is { } reason ? $"; no contributions: {reason}" : string.Create(CultureInfo.InvariantCulture, $" = average {head.Average:0.000000} + the contributions of the columns")));
        Console.WriteLine();
        List<string> heads = [.. row.Heads.Where(head => head.Value.NotExplained is null).Select(head => head.Key)];
        TableText.Show(new Table(["column", "value", .. heads.Select(name => $"adds to {name}"), "how"], [.. row.Columns.Select(column => (IReadOnlyList<object?>)
            [column.Column, column.Value.ToString("G6", CultureInfo.InvariantCulture), .. heads.Select(name => column.Contributions[name].ToString("+0.0000;-0.0000;0", CultureInfo.InvariantCulture)), column.How])]), Terminal.Open());
    }
}
