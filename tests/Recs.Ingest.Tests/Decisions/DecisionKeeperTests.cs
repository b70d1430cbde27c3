using System.Text;
using Recs.Domain.Decisions;
using Recs.Domain.Wire;
using Recs.Tests;

namespace Recs.Ingest.Tests.Decisions;

public sealed class DecisionKeeperTests : IDisposable
{
    private readonly EmbeddedBroker _broker = new();
    private readonly TestDatabase _database = TestDatabase.DuckDb();

    [Fact]
    public async Task Run_DecisionsResendsAndGarbage_KeepsEachOnceAndTheRestAsDeadLetters()
    {
        using (var producer = new EventProducer(_broker.Connection))
        {
            for (var i = 0; i < 300; i++)
                foreach (var _ in Enumerable.Range(0, i % 10 == 0 ? 2 : 1)) await producer.PublishAsync(Message($"u{i % 17}", DecisionCodec.Write(ADecision(i))));
            await producer.PublishAsync(Message("u0", Encoding.UTF8.GetBytes("{\"type\":\"impression\"}")));
            await producer.PublishAsync(Message("u0", [0xFF, 0xFE]));
        }
        // Two runs, the first cut short somewhere: what it had not committed is read again.
        using (var cut = new CancellationTokenSource())
        {
            var first = Keeper();
            var run = first.RunAsync(cut.Token);
            await Until(() => first.Kept > 50);
            await cut.CancelAsync();
            await run;
        }
        using var stop = new CancellationTokenSource();
        var keeper = Keeper();
        var running = keeper.RunAsync(stop.Token);
        using var store = _database.Open();
        await Until(() => store.NewestDecisions(1_000).Count == 300 && store.Count().DeadLetters == 2);
        await stop.CancelAsync();
        await running;
        Assert.Equal(300, store.NewestDecisions(1_000).Count);
        Assert.Equal("{\"n\":7}", Encoding.UTF8.GetString(store.FindDecision("d7")!.Answer));
        Assert.All(store.DeadLetters(), letter => Assert.Equal("recs.decisions", letter.Partition.Topic));
    }

    private DecisionKeeper Keeper() => new(_broker.Connection, _database.Open);

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds()) await Task.Delay(10, patience.Token);
    }

    private static RawMessage Message(string user, byte[] value) => new(new Topics().Decisions, user, value, Some.Start);

    private static Decision ADecision(int number) => new()
    {
        Id = $"d{number}", Request = new($"r{number}"), Time = Some.Start.Plus(TimeSpan.FromSeconds(number)), User = new($"u{number % 17}"), Surface = "home", Versions = new("m", "none", "p", "c"), Degraded = "none",
        Candidates = 3, Places = [new(1, new("i"), false, 0.5, 1, null, 0, 0)], Removed = new Dictionary<string, int> { ["not_active"] = 2 }, Answer = Encoding.UTF8.GetBytes($"{{\"n\":{number}}}"), Inputs = [1, 2, 3],
    };

    public void Dispose()
    {
        _broker.Dispose();
        _database.Dispose();
    }
}
