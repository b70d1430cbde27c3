using Recs.Domain;
using Recs.Features.Counting;

namespace Recs.Features.Tests.Counting;

public sealed class TileTests
{
    [Fact]
    public void Add_AnyOrder_GivesTheSameTiles()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var events = Events(random, 200);
            var newest = events.Max(told => told.Time);
            Assert.Equal(Describe(Fold(events), newest), Describe(Fold(An.Shuffled(random, events)), newest));
        }
    }

    [Fact]
    public void Add_ThenTakenAway_LeavesTheRest()
    {
        var random = new Random(2);
        for (var round = 0; round < 50; round++)
        {
            var (kept, gone) = (Events(random, 60), Events(random, 40));
            var newest = kept.Concat(gone).Max(told => told.Time);
            var expected = new TileSeries();
            foreach (var (time, value) in kept) expected.Add(time, value, 1, newest);

            // Additions and removals mixed: a removal may come before its addition.
            var series = new TileSeries();
            foreach (var (time, value, sign) in An.Shuffled(random, kept.Select(told => (told.Time, told.Value, 1))
                .Concat(gone.Select(told => (told.Time, told.Value, 1))).Concat(gone.Select(told => (told.Time, told.Value, -1)))))
                series.Add(time, value, sign, newest);
            Assert.Equal(Describe(expected, newest), Describe(series, newest));
        }
    }

    [Fact]
    public void Tiles_OfTheWindow_AreTheNewestHoursAndDaysOnly()
    {
        var random = new Random(3);
        var events = Events(random, 2_000);
        var newest = events.Max(told => told.Time);
        var series = Fold(An.Shuffled(random, events));

        var days = events.Where(told => told.Time.DayIndex > newest.DayIndex - TileSeries.Days).GroupBy(told => told.Time.DayIndex).OrderBy(group => group.Key)
            .Select(group => new Tile(group.Key, group.Count(), group.Sum(told => told.Time.Milliseconds / 1_000 - group.Key * 86_400L), group.Sum(told => told.Value)));
        Assert.Equal(days, series.DayTiles(newest).ToArray());
        var hours = events.Where(told => told.Time.HourIndex > newest.HourIndex - TileSeries.Hours).GroupBy(told => told.Time.HourIndex).OrderBy(group => group.Key)
            .Select(group => new Tile(group.Key, group.Count(), group.Sum(told => told.Time.Milliseconds / 1_000 - group.Key * 3_600L), group.Sum(told => told.Value)));
        Assert.Equal(hours, series.HourTiles(newest).ToArray());
        Assert.Equal((events.Count, events.Sum(told => told.Value)), ((int)series.Count, series.Value));
        Assert.InRange(series.DayTiles(newest).Length, 100, TileSeries.Days);
    }

    [Fact]
    public void Tiles_AtTheEdgeOfTheWindow_LastFor128DaysAnd96Hours()
    {
        var series = new TileSeries();
        series.Add(An.Day(0), 0, 1, An.Day(0));
        Assert.Equal(1, series.DayTiles(An.Day(127.99)).Length);
        Assert.Equal(0, series.DayTiles(An.Day(128)).Length);
        Assert.Equal(1, series.HourTiles(An.Day(95.99 / 24)).Length);
        Assert.Equal(0, series.HourTiles(An.Day(96.0 / 24)).Length);
    }

    [Fact]
    public void Decayed_RandomEvents_EqualsTheSumOverMeansOfDays()
    {
        var random = new Random(4);
        for (var round = 0; round < 30; round++)
        {
            var events = Events(random, 300);
            var newest = events.Max(told => told.Time);
            var (series, now) = (Fold(events), newest.Plus(TimeSpan.FromDays(random.NextDouble() * 10 - 5)));
            foreach (var halfLife in (double[])[1, 7, 30])
            {
                // Another way: each event weighs as the mean time of its day's events, and is summed on its own.
                var kept = events.Where(told => told.Time.DayIndex > newest.DayIndex - 128).ToList();
                var means = kept.GroupBy(told => told.Time.DayIndex).ToDictionary(group => group.Key, group => group.Average(told => Math.Floor(told.Time.Milliseconds / 1e3)));
                var expected = kept.Sum(told => Math.Min(1, Math.Pow(2, -(now.Milliseconds / 1e3 - means[told.Time.DayIndex]) / (halfLife * 86_400))));
                var decayed = series.Decayed(now, newest, HalfLife.OfDays(halfLife));
                Assert.True(Math.Abs(decayed - expected) <= 1e-8 * expected, $"{decayed} instead of {expected}");

                var recent = events.Where(told => told.Time.HourIndex > newest.HourIndex - 96).ToList();
                var hourMeans = recent.GroupBy(told => told.Time.HourIndex).ToDictionary(group => group.Key, group => group.Average(told => Math.Floor(told.Time.Milliseconds / 1e3)));
                var byHour = recent.Sum(told => Math.Min(1, Math.Pow(2, -(now.Milliseconds / 1e3 - hourMeans[told.Time.HourIndex]) / (halfLife * 3_600))));
                var decayedByHour = series.Decayed(now, newest, HalfLife.OfHours(halfLife));
                Assert.True(Math.Abs(decayedByHour - byHour) <= 1e-8 * byHour, $"{decayedByHour} instead of {byHour}");
            }
        }
    }

    [Fact]
    public void Decayed_EmptyOrCancelled_IsZero()
    {
        var series = new TileSeries();
        Assert.Equal(0, series.Decayed(An.Day(1), An.Day(1), HalfLife.OfDays(7)));
        // Of the same day but not the same second: the count cancels, the offsets do not.
        series.Add(An.Day(0.25), 1, 1, An.Day(1));
        series.Add(An.Day(0.5), 1, -1, An.Day(1));
        Assert.Equal(0, series.Decayed(An.Day(1), An.Day(1), HalfLife.OfDays(7)));
    }

    [Fact]
    public void DemandBefore_TodaysEvents_DoNotCount()
    {
        var scope = new CounterScope();
        foreach (var day in (double[])[3, 3.5, 4, 4.2]) scope.Add(0, (int)Domain.Events.InteractionType.Click, An.Day(day), 0, 1, An.Day(5));
        scope.Add(0, (int)Domain.Events.InteractionType.Hide, An.Day(3), 0, 1, An.Day(5));
        scope.Add(0, CounterScope.Impression, An.Day(3), 0, 1, An.Day(5));
        var expected = 2 * Math.Pow(2, -0.75 / 30);
        Assert.Equal(expected, scope.Of(0).DemandBefore(An.Day(4).DayIndex, An.Day(5)), 1e-9);
        Assert.Equal(0, scope.Of(0).DemandBefore(An.Day(3).DayIndex, An.Day(5)));
        Assert.Equal(0, scope.Of(7).DemandBefore(An.Day(4).DayIndex, An.Day(5)));
        Assert.Equal((4, 1, 1), (scope.Positives(0), scope.Negatives(0), scope.Impressions(0)));
    }

    private static List<(Timestamp Time, long Value)> Events(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (An.Day(random.NextDouble() * 200), (long)random.Next(1_000_000)))];

    // The newest time grows as events come, as it does in a state.
    private static TileSeries Fold(IEnumerable<(Timestamp Time, long Value)> events)
    {
        var series = new TileSeries();
        var newest = new Timestamp(0);
        foreach (var (time, value) in events)
        {
            if (time > newest) newest = time;
            series.Add(time, value, 1, newest);
        }
        return series;
    }

    private static string Describe(TileSeries series, Timestamp newest) =>
        $"{series.Count} {series.Value} {string.Join(';', series.HourTiles(newest).ToArray())} {string.Join(';', series.DayTiles(newest).ToArray())}";
}
