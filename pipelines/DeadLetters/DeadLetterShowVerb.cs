using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq show TOPIC/PARTITION/OFFSET</c>: one refused message in full.</summary>
internal static class DeadLetterShowVerb
{
    /// <summary>Other bytes at the same place come from a topic that was made anew: few.</summary>
    private const int Most = 100;

    public static Command Create()
    {
        var place = new Argument<string>("place") { Description = "TOPIC/PARTITION/OFFSET, as dlq list shows them.", HelpName = "PLACE" };
        place.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && Place(text) is null) result.AddError($"'{text}' is not TOPIC/PARTITION/OFFSET, such as recs.events/3/41");
        });
        var db = StoreOption.Create();
        var json = Verb.JsonOption();
        var command = Verb.Create("show", "Shows one refused message whole, as hex and text, and what today's code says of it.", [db, json], (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var (topic, partition, offset) = Place(parsed.GetValue(place)!)!.Value;
            var letters = store.FindDeadLetters(new() { Topic = topic, Partition = partition, Offset = offset }, Most);
            if (letters.Count == 0) throw new RefusedException($"{store.Name} has no dead letter {topic}/{partition}/{offset}; recs dlq list shows those there are");
            var now = Timestamp.Now(TimeProvider.System);
            var shown = letters.Select(kept => new DeadLetterWhole(DeadLetterLine.Of(kept, PrintableBytes.Of(kept.Letter.Raw, 80)), kept.Letter.Key is { } key ? Convert.ToBase64String(key) : null,
                Convert.ToBase64String(kept.Letter.Raw), Says(kept.Letter, now))).ToList();
            foreach (var (kept, whole) in letters.Zip(shown)) Show(Console.Out, kept, whole);
            Verb.WriteJson(parsed.GetValue(json), new DeadLetterShown(shown), DeadLetterJson.Default.DeadLetterShown);
            return Task.FromResult(0);
        });
        command.Arguments.Add(place);
        return command;
    }

    private static void Show(TextWriter output, KeptDeadLetter kept, DeadLetterWhole whole)
    {
        var line = whole.Letter;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.Topic}/{line.Partition}/{line.Offset}  {line.Bytes} bytes, known {line.Known}"));
        output.WriteLine($"reason  {line.Reason}: {PrintableText.Of(line.Detail)}");
        output.WriteLine($"state   {line.State}{(line.Changed is null ? "" : $" since {line.Changed}")}{(line.Note.Length == 0 ? "" : $": {PrintableText.Of(line.Note)}")}");
        output.WriteLine($"key     {(kept.Letter.Key is { } key ? PrintableBytes.Of(key, 1_000) : "none")}");
        output.WriteLine($"today   {(whole.Now is null ? "is an event" : PrintableText.Of(whole.Now))}");
        HexDump.Write(output, kept.Letter.Raw);
    }

    private static string? Says(DeadLetter letter, Timestamp now)
    {
        DeadLetterReading.Read(letter, new Topics(), now, out var rejection);
        return rejection is null ? null : $"{DeadLetterFilterOptions.Name(rejection.Reason)}: {rejection.Detail}";
    }

    private static (string Topic, int Partition, long Offset)? Place(string text) => text.Split('/') is [{ Length: > 0 } topic, var part, var off]
        && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var partition) && long.TryParse(off, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        ? (topic, partition, offset)
        : null;
}
