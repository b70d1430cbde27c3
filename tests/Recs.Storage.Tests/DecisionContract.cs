using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Wire;
using Recs.Tests;

namespace Recs.Storage.Tests;

/// <summary>The decision ledger as kept, the same on each engine.</summary>
public abstract class DecisionContract
{
    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void Keep_Twice_KeepsOnceAndGivesBackEveryByte()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Decision[] decisions = [.. Enumerable.Range(0, 1_200).Select(i => ADecision(i, new Random(i)))];
        Assert.Equal(700, store.Keep([.. decisions[..700], .. decisions[..10]]));
        Assert.Equal(500, store.Keep(decisions[600..]));
        Assert.Equal(0, store.Keep([]));
        foreach (var decision in decisions.Where((_, i) => i % 97 == 0)) Assert.Equal(Text(decision), Text(store.FindDecision(decision.Id)!));
        Assert.Null(store.FindDecision("d-nowhere"));
        Assert.Equal(["d1199", "d1198", "d1197"], store.NewestDecisions(3));
    }

    [Fact]
    public void Erase_AUser_TakesTheirDecisionsAndRefusesLaterOnes()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Decision[] decisions = [.. Enumerable.Range(0, 9).Select(i => ADecision(i, new Random(i)) with { User = new($"u{i % 3}") })];
        store.Keep(decisions);
        var touched = store.Erase(new("u1"), An.Time, (_, _) => null);
        Assert.Equal((3, decisions.Where(decision => decision.User.Value == "u1").Sum(decision => decision.Places.Count)), (touched["decision"], touched["decision_place"]));
        Assert.Null(store.FindDecision("d1"));
        Assert.NotNull(store.FindDecision("d2"));
        Assert.Equal(1, store.Keep([ADecision(10, new Random(1)) with { User = new("u1") }, ADecision(11, new Random(1))]));
        Assert.Null(store.FindDecision("d10"));
    }

    /// <summary>On the stream a decision has the same content too.</summary>
    [Fact]
    public void Codec_AnyDecision_ComesBack()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var decision = ADecision(seed, new Random(seed));
            Assert.Equal(Text(decision), Text(DecisionCodec.Parse(DecisionCodec.Write(decision), out _)!));
        }
        Assert.Null(DecisionCodec.Parse("{\"type\":\"decision\",\"schema\":2}"u8, out var rejection));
        Assert.Equal((RejectionReason.UnknownSchema, "schema is 2, this build reads 1"), (rejection!.Reason, rejection.Detail));
        Assert.Null(DecisionCodec.Parse("{\"type\":\"decision\",\"schema\":1,\"decision_id\":\"\"}"u8, out rejection));
        Assert.Equal(RejectionReason.MissingField, rejection!.Reason);
        Assert.Null(DecisionCodec.Parse("[]"u8, out rejection));
        Assert.Equal(RejectionReason.NotJson, rejection!.Reason);
    }

    private static Decision ADecision(int number, Random random) => new()
    {
        Id = $"d{number}",
        Request = new($"r{number}"),
        Time = An.Time.Plus(TimeSpan.FromSeconds(number)),
        User = new($"ü-{random.Next(5)}"),
        Surface = random.Next(2) == 0 ? "" : "home",
        Versions = new("m", "none", "p", "c"),
        Degraded = "none",
        Experiments = random.Next(2) == 0 ? "" : "layer=arm,other=b",
        Candidates = random.Next(1_000),
        Places = [.. Enumerable.Range(1, random.Next(5)).Select(position => new DecidedPlace(position, new($"i{position}"), position == 2, random.NextDouble() - 0.5, position == 3 ? random.NextDouble() * 0.9 + 0.05 : 1,
            position == 2 ? new AdvertiserId("adv") : null, position == 2 ? 4_000_000 : 0, position == 2 ? 30_000 : 0))],
        Removed = Enumerable.Range(0, random.Next(4)).ToDictionary(i => $"reason_{i}", i => random.Next(1, 100)),
        Answer = System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{number},\"é\":\"\\u0000\"}}"),
        Inputs = [.. Enumerable.Range(0, random.Next(3_000)).Select(_ => (byte)random.Next(256))],
    };

    private static string Text(Decision decision) => string.Join('|', decision.Id, decision.Request, decision.Time, decision.User, decision.Surface, decision.Versions, decision.Degraded, decision.Experiments, decision.Candidates,
        string.Join(';', decision.Places), string.Join(';', decision.Removed.OrderBy(removed => removed.Key, StringComparer.Ordinal)), Convert.ToHexString(decision.Answer), Convert.ToHexString(decision.Inputs));
}

/// <summary>On DuckDB.</summary>
public sealed class DuckDbDecisionTests : DecisionContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresDecisionTests : DecisionContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
