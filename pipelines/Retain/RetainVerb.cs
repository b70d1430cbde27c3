using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Retain;

/// <summary><c>recs retain</c>: lets old facts go behind the state they were folded into.</summary>
internal static class RetainVerb
{
    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var days = new Option<int>("--days") { Description = "Days of impressions and interactions to keep, counted back from the newest, 1 to 36500.", HelpName = "N", Required = true };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 36_500) result.AddError("--days: range 1 to 36500");
        });
        var json = Verb.JsonOption();
        return Verb.Create("retain", "Drops impressions and interactions of old days; the folded state keeps what they came to, and events of those days that come later are kept apart as late.",
            [db, days, json], (parsed, _) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var before = StoredFold.Load(store);
                // History that was imported ends in the past: the newest event counts, unless a clock ran ahead.
                var newest = before.Folded.State.Newest.ToDateTimeOffset();
                var last = DateOnly.FromDateTime((newest < clock.GetUtcNow() ? newest : clock.GetUtcNow()).UtcDateTime);
                var first = last.AddDays(1 - parsed.GetValue(days));
                var (dropped, fold) = Retention.Run(store, first, clock);
                var result = new RetainResult(first.ToString("O"), dropped, fold.Folded.Digest());
                Console.WriteLine($"{store.Name}: {dropped} impressions and interactions of days before {result.FirstDay} dropped, the state is kept");
                Console.WriteLine($"digest {result.Digest}");
                Verb.WriteJson(parsed.GetValue(json), result, RetainJson.Default.RetainResult);
                return Task.FromResult(0);
            });
    }
}

/// <summary>What <c>recs retain --json</c> writes.</summary>
/// <param name="FirstDay">The first day that is kept.</param>
/// <param name="Dropped">Facts that went.</param>
/// <param name="Digest">Of events and state, as <c>recs state</c> has it: the same as before.</param>
internal sealed record RetainResult(string FirstDay, long Dropped, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RetainResult))]
internal sealed partial class RetainJson : JsonSerializerContext;
