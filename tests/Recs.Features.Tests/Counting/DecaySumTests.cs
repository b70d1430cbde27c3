using Recs.Domain;
using Recs.Features.Counting;

namespace Recs.Features.Tests.Counting;

public sealed class DecaySumTests
{
    private static readonly HalfLife[] Spans = [HalfLife.OfHours(0.1), HalfLife.OfHours(1), HalfLife.OfHours(24), HalfLife.OfDays(0.5), HalfLife.OfDays(7), HalfLife.OfDays(30), HalfLife.OfDays(120)];

    [Fact]
    public void Decayed_KeptSums_HaveTheBitsOfAFreshSeries()
    {
        var random = new Random(1);
        for (var round = 0; round < 40; round++)
        {
            var series = new TileSeries();
            List<Timestamp> added = [];
            var newest = An.Day(100);
            for (var step = 0; step < 400; step++)
            {
                // Mostly in order, some late, some taken away again; the window moves on, at times by weeks.
                if (random.Next(40) == 0) newest = newest.Plus(TimeSpan.FromDays(random.NextDouble() * 30));
                if (added.Count > 0 && random.Next(8) == 0)
                {
                    var at = random.Next(added.Count);
                    series.Add(added[at], 1, -1, newest);
                    added.RemoveAt(at);
                }
                else
                {
                    var time = random.Next(4) == 0 ? newest.Plus(TimeSpan.FromDays(-random.NextDouble() * 150)) : newest.Plus(TimeSpan.FromHours(random.NextDouble() * 20));
                    if (time > newest) newest = time;
                    series.Add(time, 1, 1, newest);
                    added.Add(time);
                }
                if (random.Next(3) != 0) continue;
                var now = newest.Plus(TimeSpan.FromHours(random.NextDouble() * 60 - 20));
                var halfLife = Spans[random.Next(Spans.Length)];
                AssertFresh(series, now, newest, halfLife);
                // The window moves on without an event.
                AssertFresh(series, now, newest.Plus(TimeSpan.FromDays(random.Next(3))), halfLife);
            }
        }
    }

    [Fact]
    public void Decayed_AnyOrderOfEvents_SameBits()
    {
        var random = new Random(2);
        for (var round = 0; round < 20; round++)
        {
            var events = Enumerable.Range(0, 300).Select(_ => An.Day(random.NextDouble() * 120)).ToList();
            var newest = events.Max();
            var read = Spans.Select(halfLife => Fold(events, halfLife: null).Decayed(newest, newest, halfLife)).ToList();
            for (var at = 0; at < Spans.Length; at++)
                Assert.Equal(read[at], Fold(An.Shuffled(random, events), Spans[at]).Decayed(newest, newest, Spans[at]));
        }

        static TileSeries Fold(IEnumerable<Timestamp> events, HalfLife? halfLife)
        {
            var (series, newest) = (new TileSeries(), new Timestamp(0));
            foreach (var time in events)
            {
                if (time > newest) newest = time;
                series.Add(time, 0, 1, newest);
                if (halfLife is not null) series.Decayed(newest, newest, halfLife);
            }
            return series;
        }
    }

    [Fact]
    public void Decayed_LongList_EqualsTheSumOverTiles()
    {
        var random = new Random(3);
        for (var round = 0; round < 30; round++)
        {
            var series = new TileSeries();
            var newest = An.Day(150);
            for (var i = 0; i < 500; i++) series.Add(An.Day(150 * random.NextDouble()), 0, random.Next(1, 50), newest);
            foreach (var halfLife in Spans)
            {
                var now = newest.Plus(TimeSpan.FromHours(random.NextDouble() * 200));
                var expected = TileList.Decayed(halfLife.Span == 3_600 ? series.HourTiles(newest) : series.DayTiles(newest), halfLife.Span, now, halfLife.Seconds);
                Assert.Equal(expected, series.Decayed(now, newest, halfLife), 1e-8 * expected);
            }
        }
    }

    [Fact]
    public void Decayed_ManyReadersAtOnce_SameBits()
    {
        var random = new Random(4);
        for (var round = 0; round < 20; round++)
        {
            var series = new TileSeries();
            for (var i = 0; i < 200; i++) series.Add(An.Day(120 * random.NextDouble()), 0, 1, An.Day(120));
            var now = An.Day(120.5);
            var expected = Spans.Select(halfLife => Fresh(series, An.Day(120)).Decayed(now, An.Day(120), halfLife)).ToArray();
            Parallel.For(0, 64, reader =>
            {
                var at = reader % Spans.Length;
                Assert.Equal(expected[at], series.Decayed(now, An.Day(120), Spans[at]));
            });
        }
    }

    private static void AssertFresh(TileSeries series, Timestamp now, Timestamp newest, HalfLife halfLife) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(Fresh(series, newest).Decayed(now, newest, halfLife)), BitConverter.DoubleToInt64Bits(series.Decayed(now, newest, halfLife)));

    private static TileSeries Fresh(TileSeries series, Timestamp newest) => TileSeries.Restore(series.Count, series.Value, series.HourTiles(newest), series.DayTiles(newest));
}
