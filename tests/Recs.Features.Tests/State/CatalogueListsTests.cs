using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

public sealed class CatalogueListsTests
{
    [Fact]
    public void Lists_SmallCatalogue_AreInTheirOrders()
    {
        var state = An.State(
        [
            An.Item("e1", An.Day(1), "b"), An.Item("e2", An.Day(1), "a"), An.Item("e3", An.Day(2), "c"), An.Item("e4", An.Day(2), "ad", ad: true),
            An.Interaction("e5", An.Day(3), "b"), An.Interaction("e6", An.Day(3), "a"), An.Interaction("e7", An.Day(4), "c"), An.Interaction("e8", An.Day(4), "c"),
        ]);
        var lists = state.Lists(An.Day(5));
        Assert.Equal(["c", "a", "b"], lists.MostWanted.Select(item => item.Value));
        Assert.Equal(["c", "a", "b"], lists.Newest.Select(item => item.Value));
        Assert.Equal(["ad"], lists.Ads.Select(item => item.Value));
        // On the fourth day that day's own clicks do not count yet.
        Assert.Equal(["a", "b"], state.Lists(An.Day(4.9)).MostWanted.Select(item => item.Value));
    }

    [Fact]
    public void Lists_SameDayWithoutNews_AreKept()
    {
        var state = An.State([An.Item("e1", An.Day(1)), An.Interaction("e2", An.Day(2))]);
        var lists = state.Lists(An.Day(2.1));
        state.Apply(An.Interaction("e3", An.Day(2.2)));
        Assert.Same(lists, state.Lists(An.Day(2.9)));
    }

    [Fact]
    public void Lists_AskedAfterEveryEvent_EqualThoseOfAFreshState()
    {
        // Requests on a day of which no event has come yet, late events of the day before, requests for a past moment: what is kept from
        // one request to the next must never show.
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            var log = An.Log(random, 60, items: 6).OrderBy(source => source.Time.Milliseconds / (3 * 86_400_000L)).ThenBy(source => source.Id.Value, StringComparer.Ordinal).ToList();
            var state = new RankingState();
            for (var i = 0; i < log.Count; i++)
            {
                state.Apply(log[i]);
                var now = state.Newest.Plus(TimeSpan.FromDays(random.Next(-2, 3)));
                var fresh = An.State(log.Take(i + 1)).Lists(now);
                var kept = state.Lists(now);
                Assert.Equal(fresh.MostWanted, kept.MostWanted);
                Assert.Equal(fresh.Newest, kept.Newest);
                Assert.Equal(fresh.Ads, kept.Ads);
            }
        }
    }

    [Fact]
    public void Lists_LateEventOfTheNewestDayAfterMidnight_IsSeen()
    {
        var state = An.State([An.Item("e1", An.Day(1), "a"), An.Item("e2", An.Day(2), "b")]);
        Assert.Empty(state.Lists(An.Day(3.01)).MostWanted);
        state.Apply(An.Interaction("e3", An.Day(2.5), "b"));
        Assert.Equal(["b"], state.Lists(An.Day(3.02)).MostWanted.Select(item => item.Value));
    }
}
