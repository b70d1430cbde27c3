using System.CommandLine;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq retry</c>: refused messages once more, after an upgrade or when their time has come.</summary>
internal static class DeadLetterRetryVerb
{
    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var kafka = new KafkaOptions("Publish those that are events now to their topic, from where ingest and every follower reads them; without it they go straight into the store.", required: false);
        var filter = new DeadLetterFilterOptions("open", "publishing");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say how many are events now." };
        var json = Verb.JsonOption();
        return Verb.Create("retry", "Reads refused messages again with today's code: those that are events now are stored (or published) and marked, once; the rest stays as it is.",
            [db, .. filter.All, .. kafka.All, dryRun, json], (parsed, cancel) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                using var producer = kafka.AreNamed(parsed) ? new EventProducer(kafka.Connection(parsed), new ProducerOptions { Topics = kafka.Topics(parsed) }) : null;
                var retry = new DeadLetterRetry(store, kafka.Topics(parsed), producer, Timestamp.Now(clock)) { IsDry = parsed.GetValue(dryRun) };
                var result = retry.Run(filter.Of(parsed), cancel);
                var done = retry.IsDry ? "would be retried" : producer is null ? $"retried: {result.Appended} stored, {result.Duplicates} were there already" : "published again";
                Console.WriteLine($"dlq: {result.Retried} of {result.Read} {done}; {result.StillRefused} still refused");
                Verb.WriteJson(parsed.GetValue(json), result, DeadLetterJson.Default.RetryResult);
                return Task.FromResult(0);
            });
    }
}
