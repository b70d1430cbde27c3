using System.CommandLine;
using System.Text.Json;
using Recs.Pipelines.CommandLine;
using Recs.Storage;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq</c>: the messages that were refused.</summary>
internal static class DeadLetterVerb
{
    /// <summary>Bytes shown of a message: enough to recognise it, few enough for a line.</summary>
    private const int ShownBytes = 80;

    public static Command Create()
    {
        var command = new Command("dlq", "Dead letters: the messages that were refused.");
        command.Subcommands.Add(List());
        return command;
    }

    private static Command List()
    {
        var db = StoreOption.Create();
        var limit = new Option<int>("--limit") { Description = "How many at most, 1 to 100000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() is < 1 or > 100_000) result.AddError($"--limit is {result.Tokens[0].Value}, range 1 to 100000");
        });
        var json = Verb.JsonOption();
        return Verb.Create("list", "Lists refused messages with where they came from, why they were refused and their first bytes.", [db, limit, json], (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var letters = store.DeadLetters(parsed.GetValue(limit)).Select(Line).ToList();
            var total = store.Count().DeadLetters;
            var console = Terminal.Open();
            if (letters.Count > 0)
                TableText.Show(new Table(["topic", "partition", "offset", "reason", "detail", "raw"],
                    [.. letters.Select(letter => new object?[] { letter.Topic, letter.Partition, letter.Offset, letter.Reason, letter.Detail, letter.Raw })]), console);
            console.WriteLine($"dlq: {letters.Count} of {total} dead letters");
            Verb.WriteJson(parsed.GetValue(json), new DeadLetterResult(total, letters), DeadLetterJson.Default.DeadLetterResult);
            return Task.FromResult(0);
        });
    }

    private static DeadLetterLine Line(DeadLetter letter) => new(
        letter.Partition.Topic, letter.Partition.Partition, letter.Offset,
        JsonNamingPolicy.SnakeCaseLower.ConvertName(letter.Rejection.Reason.ToString()), letter.Rejection.Detail, PrintableBytes.Of(letter.Raw, ShownBytes));
}
