using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Affinity;

namespace Recs.Features.Tests.Affinity;

public sealed class AffinityBuilderTests
{
    [Fact]
    public void Build_RandomLogs_EqualsCountingBaskets()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            // Many items on few days, so that most items have more pairs than neighbours are kept.
            var random = new Random(seed);
            var log = Acts(random, 3_000, items: 90, users: 12, days: 6);
            var table = Build(log);
            var expected = BruteForce(log);
            Assert.Equal(expected.Count, table.Count);
            foreach (var (item, neighbours) in expected)
            {
                var found = table.Similar(item, 1_000);
                Assert.Equal(neighbours.Select(neighbour => neighbour.Item), found.Select(neighbour => neighbour.Item));
                for (var i = 0; i < found.Count; i++) Assert.Equal(neighbours[i].Strength, found[i].Strength, 1e-6f);
            }
            Assert.Contains(expected.Values, neighbours => neighbours.Count == AffinityBuilder.Neighbours);
        }
    }

    [Fact]
    public void Build_AnyOrderOfTheSameBaskets_GivesTheSameTable()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            var log = Acts(random, 2_000, items: 80, users: 10, days: 5);
            Assert.Equal(Describe(Build(log), log), Describe(Build(An.Shuffled(random, log)), log));
        }
    }

    [Fact]
    public void Build_InBetween_KnowsOnlyWhatWasAdded()
    {
        var random = new Random(6);
        var log = Acts(random, 1_000, items: 20, users: 5, days: 10);
        var builder = new AffinityBuilder();
        foreach (var source in log.Take(500)) builder.Add(source);
        var half = builder.Build(An.Day(5));
        foreach (var source in log.Skip(500)) builder.Add(source);
        Assert.Equal(Describe(Build(log.Take(500)), log), Describe(half, log));
        Assert.Equal(Describe(Build(log), log), Describe(builder.Build(An.Day(9)), log));
        Assert.Equal(An.Day(5), half.Before);
    }

    [Fact]
    public void Add_PairOnce_NegativesAndOtherEvents_DoNotCount()
    {
        var table = Build(
        [
            An.Interaction("e1", An.Day(1), "a"), An.Interaction("e2", An.Day(1), "b"), // one basket only
            An.Interaction("e3", An.Day(2), "a", action: InteractionType.Hide), An.Interaction("e4", An.Day(2), "b", action: InteractionType.Dwell),
            An.Impression("e5", An.Day(3), "u0", "a", "b"), An.Item("e6", An.Day(3), "a"),
        ]);
        Assert.Empty(table.Similar("a", 5));
        Assert.Empty(table.Similar("nothing", 5));
    }

    [Fact]
    public void Build_HandWorkedPair_HasTheStatedStrength()
    {
        // a in 3 baskets, b in 2, together in 2: 2 / √6 · 2 / 5. Twice in one basket is once.
        var table = Build(
        [
            An.Interaction("e1", An.Day(1), "a"), An.Interaction("e2", An.Day(1.1), "b"), An.Interaction("e3", An.Day(1.2), "b"), An.Interaction("e4", An.Day(1.3), "a"),
            An.Interaction("e5", An.Day(1), "a", "u1"), An.Interaction("e6", An.Day(1), "b", "u1"),
            An.Interaction("e7", An.Day(2), "a"),
        ]);
        var (item, strength) = Assert.Single(table.Similar("a", 5));
        Assert.Equal("b", item);
        Assert.Equal(2 / Math.Sqrt(6) * 2 / 5, strength, 1e-6);
    }

    [Fact]
    public void Add_BasketAboveItsCapacity_LeavesTheRestOut()
    {
        var builder = new AffinityBuilder();
        foreach (var user in (string[])["u1", "u2"])
            for (var i = 0; i <= AffinityBuilder.BasketCapacity; i++) builder.Add(An.Interaction("e", An.Day(1), $"i{i:000}", user));
        var table = builder.Build(An.Day(2));
        Assert.Equal(AffinityBuilder.Neighbours, table.Similar("i299", 1_000).Count);
        Assert.Empty(table.Similar("i300", 1_000));
    }

    [Theory]
    [InlineData("2024-01-01", "2024-01-01T00:00:00Z")]
    [InlineData("2024-01-07T23:59:59.999Z", "2024-01-01T00:00:00Z")]
    [InlineData("2024-01-08", "2024-01-08T00:00:00Z")]
    [InlineData("2011-11-05T10:00:00Z", "2011-10-31T00:00:00Z")]
    [InlineData("1970-01-05", "1970-01-05T00:00:00Z")]
    [InlineData("2024-02-29T12:00:00Z", "2024-02-26T00:00:00Z")]
    public void WeekOf_AnyMoment_IsTheMondayAtOrBefore(string moment, string monday)
    {
        var time = DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
        var week = AffinitySchedule.WeekOf(Timestamp.From(time));
        Assert.Equal(monday, week.ToString());
        Assert.Equal(DayOfWeek.Monday, week.ToDateTimeOffset().DayOfWeek);
    }

    [Fact]
    public void Tables_EveryWeek_HoldWhatWasKnownBeforeItsMonday()
    {
        var random = new Random(7);
        // Every third event is learnt of up to ten days late.
        var facts = Acts(random, 2_000, items: 15, users: 6, days: 40)
            .Select(source => new Fact(source, random.Next(3) == 0 ? source.Time.Plus(TimeSpan.FromHours(random.Next(240))) : source.Time))
            .OrderBy(fact => fact.Known.Milliseconds).ToList();
        Timestamp[] moments = [An.Day(3), An.Day(8), An.Day(9), An.Day(10), An.Day(30), An.Day(49)];
        var tables = AffinitySchedule.Tables(facts, moments);
        Assert.Equal(moments.Select(AffinitySchedule.WeekOf).Distinct(), tables.Keys.Order());
        foreach (var (week, table) in tables)
        {
            Assert.Equal(week, table.Before);
            Assert.Equal(Describe(Build(facts.Where(fact => fact.Known < week).Select(fact => fact.Event)), facts.Select(fact => fact.Event)),
                Describe(table, facts.Select(fact => fact.Event)));
        }
    }

    private static AffinityTable Build(IEnumerable<Event> log)
    {
        var builder = new AffinityBuilder();
        foreach (var source in log) builder.Add(source);
        return builder.Build(An.Day(1_000));
    }

    private static List<Event> Acts(Random random, int count, int items, int users, int days) => [.. Enumerable.Range(0, count).Select(i => (Event)An.Interaction(
        $"e{i}", An.Day(random.NextDouble() * days), $"i{random.Next(items)}", $"u{random.Next(users)}", (InteractionType)random.Next(1, InteractionTypes.Count)))];

    private static Dictionary<string, List<(string Item, float Strength)>> BruteForce(List<Event> log)
    {
        var baskets = log.OfType<Interaction>().Where(act => act.Action.IsPositive()).GroupBy(act => (act.User, act.Time.DayIndex))
            .Select(basket => basket.Select(act => act.Item.Value).ToHashSet()).ToList();
        var items = baskets.SelectMany(basket => basket).Distinct().ToList();
        double With(params string[] wanted) => baskets.Count(basket => wanted.All(basket.Contains));
        return items.ToDictionary(a => a, a => items.Where(b => b != a).Select(b => (Item: b, Together: With(a, b)))
            .Where(pair => pair.Together >= 2)
            .Select(pair => (pair.Item, Strength: (float)(pair.Together / Math.Sqrt(With(a) * With(pair.Item)) * pair.Together / (pair.Together + 3))))
            .GroupBy(pair => MathF.Round(pair.Strength, 6)).OrderByDescending(tie => tie.Key)
            .SelectMany(tie => tie.OrderBy(pair => pair.Item, StringComparer.Ordinal)).Take(AffinityBuilder.Neighbours).ToList());
    }

    private static string Describe(AffinityTable table, IEnumerable<Event> log) => string.Join('\n', log.OfType<Interaction>().Select(act => act.Item.Value).Distinct()
        .Order(StringComparer.Ordinal).Select(item => $"{item}: {string.Join(' ', table.Similar(item, 1_000).Select(near => $"{near.Item}={near.Strength:R}"))}"));
}
