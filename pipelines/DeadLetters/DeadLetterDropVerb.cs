using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq drop</c>: settles letters that nothing is to be done about. They stay in the store, with the note.</summary>
internal static class DeadLetterDropVerb
{
    private const int PageSize = 200;

    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var filter = new DeadLetterFilterOptions("open", "publishing");
        var note = new Option<string>("--note") { Description = "Why, for those who look later.", HelpName = "TEXT", Required = true };
        var all = new Option<bool>("--all") { Description = "Yes, every open one: needed where nothing else narrows the choice." };
        var json = Verb.JsonOption();
        var command = Verb.Create("drop", "Marks refused messages as dropped: nothing is to be done about them. They are kept and counted.", [db, .. filter.All, note, all, json], (parsed, cancel) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var (chosen, at, dropped) = (filter.Of(parsed), Timestamp.Now(clock), 0L);
            while (store.FindDeadLetters(chosen, PageSize) is { Count: > 0 } page)
            {
                cancel.ThrowIfCancellationRequested();
                Settling.Of(() => store.Settle([.. page.Select(kept => new DeadLetterChange(kept.Key, kept.State, DeadLetterState.Dropped, at, parsed.GetValue(note)!))]));
                dropped += page.Count;
            }
            Console.WriteLine($"dlq: {dropped} dropped");
            Verb.WriteJson(parsed.GetValue(json), new DropResult(dropped), DeadLetterJson.Default.DropResult);
            return Task.FromResult(0);
        });
        command.Validators.Add(result =>
        {
            if (!result.GetValue(all) && !filter.IsNarrow(result)) result.AddError("dlq drop means every open dead letter; narrow it (--topic, --reason, …), or say --all");
        });
        return command;
    }
}
