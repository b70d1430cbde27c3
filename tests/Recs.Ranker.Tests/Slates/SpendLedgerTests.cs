using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

public sealed class SpendLedgerTests
{
    private static readonly Timestamp Day = Timestamp.OfDay(20_000);

    [Fact]
    public void Spent_FollowsTheBidsEvent_OnceForEachShownItem()
    {
        var ledger = Fold(Shown("e1", "r1", 300), Acted("e2", "r1", InteractionType.Click), Acted("e3", "r1", InteractionType.Click), Shown("e4", "r2", 700));
        Assert.Equal((300, 0, 1), (Spent(ledger, BidUnit.Click), Spent(ledger, BidUnit.Conversion), Spent(ledger, BidUnit.Thousand)));
    }

    [Fact]
    public void Spent_AnyOrder_IsTheSame()
    {
        List<Event> events = [];
        for (var i = 0; i < 200; i++)
        {
            events.Add(Shown($"s{i}", $"r{i}", 100 + i));
            if (i % 3 == 0) events.Add(Acted($"k{i}", $"r{i}", InteractionType.Click));
            if (i % 9 == 0) events.Add(Acted($"v{i}", $"r{i}", InteractionType.Conversion));
        }
        var expected = Fold([.. events]);
        for (var seed = 0; seed < 10; seed++)
        {
            var shuffled = events.ToArray();
            new Random(seed).Shuffle(shuffled);
            var ledger = Fold(shuffled);
            foreach (var unit in Enum.GetValues<BidUnit>()) Assert.Equal(Spent(expected, unit), Spent(ledger, unit));
        }
    }

    [Fact]
    public void Apply_BeyondHorizonOrCapacity_ForgetsTheOldest()
    {
        var ledger = Fold(Shown("e1", "r1", 300), new Interaction(new("e2"), Day.Plus(TimeSpan.FromDays(20)), new("r1"), new("u"), new("ad"), InteractionType.Click, 0, 0));
        Assert.Equal(0, Spent(ledger, BidUnit.Click));
        var small = new SpendLedger(capacity: 1);
        foreach (var source in new Event[] { Shown("e1", "r1", 300), Shown("e2", "r2", 400), Acted("e3", "r1", InteractionType.Click), Acted("e4", "r2", InteractionType.Click) }) small.Apply(source);
        Assert.Equal(0, Spent(small, BidUnit.Click));
    }

    private static long Spent(SpendLedger ledger, BidUnit unit) => ledger.Spent(new("ad"), unit, Day.DayIndex);

    private static SpendLedger Fold(params Event[] events)
    {
        var ledger = new SpendLedger();
        foreach (var source in events) ledger.Apply(source);
        return ledger;
    }

    private static Impression Shown(string id, string request, long price) => new(new(id), Day, new(request), new("u"), "home", [new(new("ad"), 1, null, price)]);

    private static Interaction Acted(string id, string request, InteractionType action) => new(new(id), Day.Plus(TimeSpan.FromHours(1)), new(request), new("u"), new("ad"), action, 0, 0);
}
