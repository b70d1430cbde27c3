using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Erase;

/// <summary><c>recs erase</c>: removes a person from a store, and prints what was touched.</summary>
internal static class EraseVerb
{
    private static readonly string[] Outside =
    [
        "messages still on the stream: they go with its retention, and are refused when they are read again",
        "processes that serve: they forget when they start again",
        "files written before (scores, training rows, snapshots of facts): delete or make anew",
        "totals of items that include events of days which retention had dropped: no id is kept with them",
    ];

    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var userId = new Option<string>("--user") { Description = "The user's id.", HelpName = "ID", Required = true };
        var json = Verb.JsonOption();
        return Verb.Create("erase", "Removes a person from facts, folded states, scores, predictions and dead letters; their later events are refused. Prints a certificate of what was touched.",
            [db, userId, json], (parsed, _) =>
            {
                if (parsed.GetValue(userId) is not { Length: > 0 } id) throw new RefusedException("--user is empty; an id has at least one character");
                var user = new UserId(id);
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var touched = Erasure.Run(store, user, clock);
                // The certificate must not bring back what was erased.
                var certificate = new EraseResult(UserHash.Of(user), Timestamp.Now(clock).ToString(), store.Name, touched, Outside);
                Console.WriteLine($"erased from {store.Name} at {certificate.ErasedAt}: the user with SHA-256 {certificate.UserSha256}");
                foreach (var (what, rows) in touched) Console.WriteLine($"  {what,-16} {rows}");
                Console.WriteLine("not reached from here:");
                foreach (var place in Outside) Console.WriteLine($"  {place}");
                Verb.WriteJson(parsed.GetValue(json), certificate, EraseJson.Default.EraseResult);
                return Task.FromResult(0);
            });
    }
}

/// <summary>What <c>recs erase --json</c> writes.</summary>
/// <param name="UserSha256">Of the id's UTF-8 bytes, hex.</param>
/// <param name="ErasedAt">When.</param>
/// <param name="Store">From where.</param>
/// <param name="Rows">Touched, by table; of the folded states 1 where they were rewritten or dropped.</param>
/// <param name="NotReached">Where traces may be that the store does not hold.</param>
internal sealed record EraseResult(string UserSha256, string ErasedAt, string Store, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<string> NotReached);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EraseResult))]
internal sealed partial class EraseJson : JsonSerializerContext;
