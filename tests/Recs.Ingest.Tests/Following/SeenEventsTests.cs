using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ingest.Tests;

public sealed class SeenEventsTests
{
    [Fact]
    public void Add_SameDayAndId_IsSeenOtherDayIsNot()
    {
        var seen = new SeenEvents();
        Assert.True(seen.Add(On(10, "a")));
        Assert.False(seen.Add(On(10, "a")));
        Assert.True(seen.Add(On(11, "a")));
        Assert.True(seen.Add(On(9, "a")));
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void Add_BeforeTheHorizon_CountsAsSeen()
    {
        var seen = new SeenEvents(horizonDays: 10);
        Assert.True(seen.Add(On(100, "a")));
        Assert.True(seen.Add(On(91, "b")));
        Assert.False(seen.Add(On(90, "c")));
        Assert.True(seen.Add(On(101, "d")));
        Assert.False(seen.Add(On(91, "e")));
        Assert.Equal((2, 92), (seen.Count, seen.OldestDay));
    }

    [Fact]
    public void Add_MoreThanTheCapacity_ForgetsTheOldestDaysWhole()
    {
        var seen = new SeenEvents(capacity: 100);
        for (var i = 0; i < 1_000; i++) Assert.True(seen.Add(On(i / 30, $"e{i}")));
        Assert.InRange(seen.Count, 71, 100);
        Assert.False(seen.Add(On(0, "e0")));
        Assert.False(seen.Add(On(33, "e999")));
    }

    [Fact]
    public void Make_OutOfRange_Refuses()
    {
        Assert.Throws<RefusedException>(() => new SeenEvents(horizonDays: 0));
        Assert.Throws<RefusedException>(() => new SeenEvents(capacity: 0));
    }

    private static UserUpserted On(int day, string id) =>
        new(new EventId(id), Timestamp.OfDay(day).Plus(TimeSpan.FromHours(3)), new UserId("u"), Domain.Items.AttributeSet.Empty);
}
