using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

public sealed class ItemDaysTests
{
    [Fact]
    public void Add_RandomEventsAndRemovals_HoldsWhatGroupingThemHolds()
    {
        var random = new Random(1);
        for (var round = 0; round < 30; round++)
        {
            var days = new ItemDays();
            List<(int Item, Domain.Timestamp Time)> events = [];
            for (var step = 0; step < 300; step++)
            {
                if (events.Count > 0 && random.Next(3) == 0)
                {
                    var at = random.Next(events.Count);
                    days.Add(events[at].Item, events[at].Time, -1);
                    events.RemoveAt(at);
                }
                else
                {
                    events.Add((random.Next(20), An.Day(random.NextDouble() * 10)));
                    days.Add(events[^1].Item, events[^1].Time, 1);
                }
            }
            Assert.Equal(events.Select(told => told.Item).Distinct().Count(), days.Count);
            Assert.Equal(events.Count == 0 ? int.MaxValue : events.Min(told => told.Time.DayIndex), days.FirstDay);
            for (var item = -1; item < 21; item++)
                Assert.Equal(events.Where(told => told.Item == item).GroupBy(told => told.Time.DayIndex).OrderBy(day => day.Key)
                    .Select(day => new Tile(day.Key, day.Count(), day.Sum(told => told.Time.Seconds - day.Key * 86_400L), 0)), days.Find(item).ToArray());
            var restored = new ItemDays();
            foreach (var (item, first, length) in days.Runs) restored.Restore(item, days.Tiles(first, length));
            Assert.Equal((days.Count, days.FirstDay), (restored.Count, restored.FirstDay));
            Assert.Equal(days.Runs, restored.Runs);
        }
    }
}
