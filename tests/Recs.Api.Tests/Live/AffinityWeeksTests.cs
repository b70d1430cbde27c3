using Recs.Api.Live;
using Recs.Features.Affinity;

namespace Recs.Api.Tests.Live;

public sealed class AffinityWeeksTests
{
    [Fact]
    public void Tables_AreThoseOfTheSchedule()
    {
        var facts = TinyShop.Facts;
        var moments = Enumerable.Range(2, 5).Select(week => TinyShop.Start.Plus(TimeSpan.FromDays(7 * week))).ToList();
        var expected = AffinitySchedule.Tables(facts, moments);
        var weeks = new AffinityWeeks(moments[0]);
        foreach (var fact in facts) weeks.Add(fact); // all at once, as from a store
        var table = weeks.Build();
        foreach (var moment in moments)
        {
            table = weeks.Turn(moment) ?? table;
            Assert.Null(weeks.Turn(moment));
            Assert.Equal(AffinitySchedule.WeekOf(moment), table.Before);
            for (var i = 0; i < TinyShop.Products; i++)
                Assert.Equal(expected[table.Before].Similar($"p{i:00}", 64), table.Similar($"p{i:00}", 64));
        }
        Assert.NotEmpty(table.Similar("p05", 64));
        Assert.True(table.Before < TinyShop.End);
    }
}
