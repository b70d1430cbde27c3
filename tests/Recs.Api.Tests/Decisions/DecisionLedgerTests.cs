using System.Net;
using System.Text;
using Recs.Api.Decisions;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Api.Tests.Decisions;

public sealed class DecisionLedgerTests : IDisposable
{
    private const string Body = """{"user":"u1","n":8,"candidates":"auto"}""";

    private readonly EmbeddedBroker _broker = new(eventPartitions: 2);
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-decisions-").FullName;

    [Fact]
    public async Task Decision_AfterTheStateMovedOn_ComesOutTheSameByteForByte()
    {
        using var producer = new EventProducer(_broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) });
        await using var ledger = new DecisionLedger(producer);
        await using var shop = await ServedShop.Start(ledger: ledger);
        List<(string Id, string Answer)> given = [];
        foreach (var body in new[] { Body, """{"user":"u2","n":3,"explain":true,"candidates":["p01","p02","nowhere"]}""", """{"user":"nobody","n":5,"kinds":["ad"]}""" })
        {
            using var answer = await shop.Send(HttpMethod.Post, "/v1/rank", body);
            var text = await answer.Content.ReadAsStringAsync();
            given.Add((System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("decision_id").GetString()!, text));
        }
        await Until(() => ledger.Counts.Published == given.Count);
        var facts = shop.Live.Status.Facts;
        Assert.Equal(HttpStatusCode.Accepted, (await shop.Post("/v1/events", """{"type":"interaction","event_id":"later","schema":1,"time":"2024-01-01T00:00:00Z","user":"u1","item":"p01","action":"conversion"}""")).Status);
        await shop.Folded(facts + 1);
        foreach (var (id, answer) in given)
        {
            var (status, decision, _) = await shop.Get($"/v1/decisions/{id}?replay=1");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.True(decision.GetProperty("replay").GetProperty("equal").GetBoolean());
            Assert.Equal(answer, decision.GetProperty("answer").GetRawText());
        }
        Assert.Equal(HttpStatusCode.NotFound, (await shop.Get("/v1/decisions/nothing")).Status);

        // The same from the store, as after a restart.
        using var stop = new CancellationTokenSource();
        await new DecisionKeeper(_broker.Connection, Open).RunUntilCaughtUpAsync(stop.Token);
        using var store = Open();
        Assert.Equal(given.Count, store.NewestDecisions(10).Count);
        foreach (var (id, answer) in given)
        {
            var (again, isEqual) = DecisionRecord.Replay(store.FindDecision(id)!, shop.Live.Model);
            Assert.True(isEqual);
            Assert.Equal(answer, Encoding.UTF8.GetString(again));
        }
    }

    [Fact]
    public async Task Decision_OfAnotherModelOrDamaged_SaysWhy()
    {
        using var producer = new EventProducer(_broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) });
        await using var ledger = new DecisionLedger(producer);
        await using var shop = await ServedShop.Start(ledger: ledger);
        var id = (await shop.Rank(Body)).GetProperty("decision_id").GetString()!;
        await Until(() => ledger.Counts.Published == 1);
        var kept = ledger.Find(id)!;
        Assert.True(DecisionRecord.Replay(kept, shop.Live.Model).IsEqual);
        Assert.False(DecisionRecord.Replay(kept with { Answer = [.. kept.Answer, (byte)' '] }, shop.Live.Model).IsEqual);
        Assert.Contains("made with model other", Assert.Throws<InvalidDataException>(() => DecisionRecord.Replay(kept with { Versions = kept.Versions with { Model = "other" } }, shop.Live.Model)).Message, StringComparison.Ordinal);
        Assert.Contains("not kept", Assert.Throws<InvalidDataException>(() => DecisionRecord.Replay(kept with { Inputs = [] }, shop.Live.Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_BrokersAway_WaitAndAreCountedAndToldOnceAtTheEnd_AnswersGoOn()
    {
        List<string> told = [];
        using var producer = new EventProducer(new KafkaConnection("127.0.0.1:1"), new ProducerOptions { Linger = TimeSpan.Zero, DeliveryTimeout = TimeSpan.FromMilliseconds(200) });
        await using var ledger = new DecisionLedger(producer, log: line =>
        {
            lock (told) told.Add(line);
        });
        await using var shop = await ServedShop.Start(ledger: ledger);
        for (var i = 0; i < 3; i++) Assert.Equal(8, (await shop.Rank(Body)).GetProperty("slate").GetArrayLength());
        await Until(() => ledger.Counts.Waiting == 0); // all three are tried, again and again
        Assert.Equal((0, 0), (ledger.Counts.Published, ledger.Counts.Dropped));
        await ledger.DisposeAsync();
        await Until(() => ledger.Counts.Dropped == 3);
        Assert.Equal(0, ledger.Counts.Published);
        lock (told) Assert.Contains("1 could not be kept so far", Assert.Single(told), StringComparison.Ordinal);
        await shop.Rank(Body); // nobody takes decisions any more: the answer comes all the same
        await Until(() => ledger.Counts.Dropped == 4);
    }

    private IRecsStore Open()
    {
        var store = EventStore.Open($"duckdb:{_folder}/kept.duckdb");
        store.Migrate();
        return store;
    }

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds()) await Task.Delay(10, patience.Token);
    }

    public void Dispose()
    {
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
