using System.CommandLine;
using Recs.Pipelines.CommandLine;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq list</c>: refused messages, a line each.</summary>
internal static class DeadLetterListVerb
{
    /// <summary>Bytes shown of a message: enough to recognise it, few enough for a line.</summary>
    private const int ShownBytes = 80;

    public static Command Create()
    {
        var db = StoreOption.Create();
        var filter = new DeadLetterFilterOptions("all", "open", "retried", "dropped", "publishing");
        var limit = new Option<int>("--limit") { Description = "How many at most, 1 to 100000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() is < 1 or > 100_000) result.AddError($"--limit is {result.Tokens[0].Value}, range 1 to 100000");
        });
        var json = Verb.JsonOption();
        return Verb.Create("list", "Lists refused messages with where they came from, why they were refused, what became of them and their first bytes.", [db, .. filter.All, limit, json], (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var chosen = filter.Of(parsed);
            var letters = store.FindDeadLetters(chosen, parsed.GetValue(limit)).Select(kept => DeadLetterLine.Of(kept, PrintableBytes.Of(kept.Letter.Raw, ShownBytes))).ToList();
            var counts = store.CountDeadLetters(chosen).Select(count => new DeadLetterCount(DeadLetterFilterOptions.Name(count.Key.State), DeadLetterFilterOptions.Name(count.Key.Reason), count.Value)).ToList();
            var total = store.Count().DeadLetters;
            var console = Terminal.Open();
            if (letters.Count > 0)
                TableText.Show(new Table(["topic", "partition", "offset", "state", "reason", "detail", "raw"],
                    [.. letters.Select(letter => new object?[] { letter.Topic, letter.Partition, letter.Offset, letter.State, letter.Reason, letter.Detail, letter.Raw })]), console);
            foreach (var group in counts.GroupBy(count => count.State))
                console.WriteLine($"{group.Key}: {string.Join(", ", group.Select(count => $"{count.Count} {count.Reason}"))}");
            console.WriteLine($"dlq: {letters.Count} of {total} dead letters");
            Verb.WriteJson(parsed.GetValue(json), new DeadLetterResult(total, counts.Sum(count => count.Count), counts, letters), DeadLetterJson.Default.DeadLetterResult);
            return Task.FromResult(0);
        });
    }
}
