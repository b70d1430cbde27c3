using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Faults.Tests;

/// <summary>Two replicas of the API under load, with real brokers and PostgreSQL, while one part after the other fails.</summary>
[Collection(nameof(FaultTests))]
public sealed class ServingFaultTests
{
    /// <summary>What an answer says that does without nothing but vectors, which the model never saw.</summary>
    private const string Whole = "no embeddings";

    private static readonly string[] Steps = [Whole, "first_head_only", "counters", "popularity"];
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Serve_WhileDatabaseBrokersReplicaAndProcessorsFail_RefusesPolitely_RecoversAndTheBooksAgree()
    {
        Requirements.Need("postgres", PostgresFolder.IsPossible, PostgresFolder.Missing);
        using var cluster = new KafkaCluster();
        using var database = new PostgresFolder();
        database.Start();
        var folder = Directory.CreateTempSubdirectory("recs-serving-").FullName;
        List<Replica> replicas = [];
        try
        {
            var facts = SmallSite.Facts(TimeProvider.System);
            SmallSite.SaveModel($"{folder}/model", facts);
            using (var store = EventStore.Open(database.Url))
            {
                store.Migrate();
                store.Append(new AppendBatch(facts, [], []));
            }
            await TopicCreation.EnsureAsync(new KafkaConnection(cluster.Bootstrap), new Topics());
            using var ingest = new WorkerProcess("ingest", "--kafka", cluster.Bootstrap, "--db", database.Url);
            await ingest.WhenBegun();
            using var keys = new WorkerProcess("recs_", ["keys", "create", "--scope", "admin", "--rate", "0", "--file", $"{folder}/keys.json"]);
            var key = await keys.WhenBegun();
            Assert.Equal(0, await keys.Ended(TimeSpan.FromMinutes(1)));
            string[] serve = ["--kafka", cluster.Bootstrap, "--db", database.Url, "--model", $"{folder}/model", "--keys", $"{folder}/keys.json"];
            replicas.AddRange(await Task.WhenAll(Replica.Start(serve, key), Replica.Start(serve, key)));

            using var load = new SiteLoad(replicas);
            await Answers(load, 100);

            database.Crash();
            await Answers(load, 60);
            database.Start();

            cluster.KillAll();
            await Answers(load, 4); // the visitors wait for brokers to take what they saw
            await cluster.Restart();
            await Answers(load, 60);

            await CaughtUp(database.Url, load, ingest); // what waited for the brokers is on the stream: only the newest decisions are in memory
            var killed = replicas[0];
            await killed.Kill();
            var killedAt = TimeProvider.System.GetTimestamp();
            await Answers(load, 30);
            replicas[0] = await Replica.Start(serve, key);

            using (Spinning(4 * Environment.ProcessorCount)) await Answers(load, 60);
            await Answers(load, 60);
            await load.Stop();

            // What was answered while things failed, and that all is well again.
            Assert.True(load.Faults.IsEmpty, string.Join('\n', load.Faults.Take(10)));
            Assert.All(load.Answered, visit => Assert.Contains(visit.Degraded, Steps));
            await Task.WhenAll(replicas.Select(replica => replica.WhenReady()));
            var user = SmallSite.Users / 2;
            Assert.Equal(await Slate(replicas[0], user), await Slate(replicas[1], user));

            // What was taken is in the store once and at its price, and every decision too, but those that died with their replica before they were on the stream.
            await CaughtUp(database.Url, load, ingest);
            using var kept = EventStore.Open(database.Url);
            var shown = Impressions(kept).ToLookup(impression => impression.Id);
            foreach (var impression in load.Taken)
            {
                Assert.Equal(impression.Items, Assert.Single(shown[impression.Id]).Items);
                if (kept.FindDecision(load.Answered.First(visit => visit.Request == impression.Request.Value).Decision) is { } decision)
                    Assert.Equal(impression.Items.Select(place => (place.Item, place.PriceMicros)), decision.Places.Select(place => (place.Item, place.PriceMicros)));
            }
            var lost = load.Answered.Where(visit => kept.FindDecision(visit.Decision) is null).ToList();
            foreach (var visit in lost)
                Assert.True(visit.Replica == killed && TimeProvider.System.GetElapsedTime(visit.At, killedAt) < TimeSpan.FromSeconds(5),
                    $"{lost.Count} of {load.Answered.Count} decisions are lost, {visit.Decision} by {(visit.Replica == killed ? "the killed" : "a living")} replica {TimeProvider.System.GetElapsedTime(visit.At, killedAt).TotalSeconds:0.0} s before the kill\n{string.Join('\n', replicas.Select(replica => replica.Said))}");
            TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
                $"{load.Answered.Count} answers, {load.Answered.Count(visit => visit.Degraded != Whole)} of them degraded, {load.Refused} refused with Retry-After, {load.Taken.Count} impressions taken, {lost.Count} decisions died with their replica"));
        }
        finally
        {
            foreach (var replica in replicas) replica.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    // So many more answers with a slate: the service goes on whatever fails.
    private static async Task Answers(SiteLoad load, int count)
    {
        var (until, begun) = (load.Answered.Count + count, TimeProvider.System.GetTimestamp());
        while (load.Answered.Count < until)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), $"{load.Answered.Count} answers after a minute, expected {until}; {string.Join('\n', load.Faults.Take(5))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    // As of one moment ahead of all events: both know the same facts by then, so they make the same slate.
    private static async Task<string> Slate(Replica replica, int user)
    {
        var time = TimeProvider.System.GetUtcNow().Date.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        using var answer = await replica.Http.PostAsJsonAsync("/v1/rank", new { user = string.Create(CultureInfo.InvariantCulture, $"u{user}"), n = 10, time, deadline_ms = 60_000 });
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(Whole, body.RootElement.GetProperty("degraded").GetString());
        return body.RootElement.GetProperty("slate").GetRawText();
    }

    private static async Task CaughtUp(string url, SiteLoad load, WorkerProcess ingest)
    {
        using var store = EventStore.Open(url);
        var begun = TimeProvider.System.GetTimestamp();
        // The last answers' decisions are behind all others on their partitions, or nearly so.
        var last = load.Answered.TakeLast(20).ToList();
        var taken = load.Taken.Select(impression => impression.Id).ToHashSet();
        while (last.Any(visit => store.FindDecision(visit.Decision) is null) || !taken.IsSubsetOf(Impressions(store).Select(impression => impression.Id)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < LongestCatchUp && !ingest.HasEnded, $"the store did not catch up: {ingest.Said}");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static IEnumerable<Impression> Impressions(IRecsStore store) => store.ReadState(layout: null).Facts.Select(fact => fact.Event).OfType<Impression>();

    // Processes that want all of the processors.
    private static Spin Spinning(int count) => new([.. Enumerable.Range(0, count).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"]))]);

    private sealed class Spin(IReadOnlyList<Process> processes) : IDisposable
    {
        public void Dispose()
        {
            foreach (var process in processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }
}
