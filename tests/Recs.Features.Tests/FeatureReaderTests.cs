using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Affinity;
using Recs.Features.Embedding;

namespace Recs.Features.Tests;

public sealed class FeatureReaderTests
{
    [Fact]
    public void Read_RandomStatesAndRequests_EveryNumberIsFinite()
    {
        var columns = FeatureSchema.Standard.Columns;
        var moved = new HashSet<int>();
        for (var seed = 1; seed <= 15; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, random.Next(0, 600));
            var state = An.State(log);
            var builder = new AffinityBuilder();
            // Days drawn together: over 200 days hardly a pair would share two baskets.
            foreach (var source in log) builder.Add(source with { Time = An.Day((source.Time - An.Start).Days / 20) });
            var reader = new FeatureReader(state, FeatureSchema.Standard)
            {
                Vectors = random.Next(3) == 0 ? null : new ItemVectors(An.Vectors(random, random.Next(20))),
                Affinity = random.Next(3) == 0 ? null : builder.Build(An.Day(200)),
            };
            float[]? first = null;
            for (var i = 0; i < 300; i++)
            {
                var now = random.Next(10) == 0 ? new Timestamp(random.NextInt64(0, 4_000_000_000_000)) : An.Day(random.NextDouble() * 230);
                var row = An.Row(reader, $"u{random.Next(12)}", now, $"i{random.Next(35)}");
                for (var at = 0; at < row.Length; at++) Assert.True(float.IsFinite(row[at]), $"{columns[at]} is {row[at]}");
                first ??= row;
                for (var at = 0; at < row.Length; at++)
                    if (row[at] != first[at]) moved.Add(at);
            }
        }
        // Every column says something at least once.
        Assert.Empty(columns.Where((_, at) => !moved.Contains(at)));
    }

    [Theory]
    [InlineData("1e-60")]
    [InlineData("1e300")]
    [InlineData("1e38")]
    [InlineData("1e-40")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("free")]
    public void Read_OddPrice_IsFinite(string price)
    {
        var state = An.State([An.Item("e1", An.Day(1), price: price), An.Item("e2", An.Day(1), "i1", price: "2"), An.Interaction("e3", An.Day(2)), An.Interaction("e4", An.Day(2), "i1")]);
        var reader = new FeatureReader(state, FeatureSchema.Standard);
        foreach (var item in (string[])["i0", "i1"]) Assert.All(An.Row(reader, "u0", An.Day(3), item), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Read_NothingKnown_GivesTheStatedValues()
    {
        var row = An.Row(new FeatureReader(An.State([]), FeatureSchema.Standard), "nobody", An.Day(2.5), "nothing");
        Assert.Equal((-1, -10, -10), (An.Column(row, "item_age_days"), An.Column(row, "item_log_price"), An.Column(row, "user_mean_log_price")));
        Assert.Equal((-1, -1, -1), (An.Column(row, "user_item_days_since_last"), An.Column(row, "user_days_since_last"), An.Column(row, "neighbour_demand")));
        Assert.Equal((0, 0, 0), (An.Column(row, "item_positives_total"), An.Column(row, "user_item_count"), An.Column(row, "affinity_sum")));
        Assert.Equal((0.1f, 0.1f, 1), (An.Column(row, "item_rate_total"), An.Column(row, "user_rate_total"), An.Column(row, "item_trend")));
        Assert.Equal((12, 2), (An.Column(row, "hour"), An.Column(row, "weekday"))); // Wednesday noon
    }

    [Fact]
    public void Read_Ad_IsItsSubjectsRow()
    {
        var random = new Random(1);
        var log = An.Log(random, 400);
        log.Add(An.Item("x1", An.Day(199), "ad", promotes: "i3", price: "7"));
        log.Add(An.Item("x2", An.Day(199), "ad-of-unknown", promotes: "never-seen"));
        log.Add(An.Item("x3", An.Day(199), "ad-of-nothing", ad: true, price: "7"));
        log.Add(An.Item("x4", An.Day(199), "i3", price: "3"));
        log.Add(An.Interaction("x5", An.Day(199), "ad", "u1"));
        var reader = new FeatureReader(An.State(log), FeatureSchema.Standard) { Vectors = new ItemVectors(An.Vectors(random, 10)) };
        Assert.Equal(An.Row(reader, "u1", An.Day(200), "i3"), An.Row(reader, "u1", An.Day(200), "ad"));
        Assert.Equal(An.Row(reader, "u1", An.Day(200), "nothing"), An.Row(reader, "u1", An.Day(200), "ad-of-unknown"));
        Assert.Equal(Math.Log(7), An.Column(An.Row(reader, "u1", An.Day(200), "ad-of-nothing"), "item_log_price"), 1e-6);
    }

    [Fact]
    public void Read_HandWorkedState_HasTheStatedCountsAndRates()
    {
        var state = An.State(
        [
            An.Item("e1", An.Day(0), "i0", price: "4", category: "home", author: "ann", tags: ["red", "blue"]),
            An.Item("e2", An.Day(0), "i1", price: "1", category: "home", author: "bob", tags: ["red"]),
            An.Impression("e3", An.Day(1), "u0", "i0", "i1"), An.Impression("e4", An.Day(1), "u1", "i0"),
            An.Interaction("e5", An.Day(1), "i0"), An.Interaction("e6", An.Day(3), "i0"), An.Interaction("e7", An.Day(3), "i0", action: InteractionType.Hide),
            An.Interaction("e8", An.Day(3), "i0", action: InteractionType.Dwell, dwell: 5_000), An.Interaction("e9", An.Day(5), "i1", "u1"),
        ]);
        var reader = new FeatureReader(state, FeatureSchema.Standard);
        var row = An.Row(reader, "u0", An.Day(5), "i0");
        var prior = (3 + 1) / (3 + 10.0);
        Assert.Equal(Math.Log(3), An.Column(row, "item_positives_total"), 1e-6);
        Assert.Equal((2 + 20 * prior) / (2 + 20), An.Column(row, "item_rate_total"), 1e-6);
        Assert.Equal(Math.Log(1 + Math.Pow(2, -4.0 / 7) + Math.Pow(2, -2.0 / 7)), An.Column(row, "item_positives_7d"), 1e-6);
        Assert.Equal(Math.Log(1 + Math.Pow(2, -2)), An.Column(row, "item_positives_1d"), 1e-6); // four days ago lies outside the hours kept
        Assert.Equal((2 + 20 * prior) / (2 + 20), An.Column(row, "user_rate_total"), 1e-6);
        Assert.Equal((Math.Log(2), 5.0), (An.Column(row, "item_negatives_total"), An.Column(row, "item_age_days")), Close);
        Assert.Equal((2.0, 2.0), (An.Column(row, "user_item_count"), An.Column(row, "user_item_days_since_last")), Close);
        Assert.Equal((4.0, 1.0), (An.Column(row, "user_item_days_since_first"), An.Column(row, "user_item_share")), Close);
        Assert.Equal((1.0, 1.0), (An.Column(row, "taste_category"), An.Column(row, "taste_tag_mean")), Close);
        Assert.Equal((Math.Log(4), 0.0), (An.Column(row, "user_mean_log_price"), An.Column(row, "price_from_mean")), Close);

        var other = An.Row(reader, "u0", An.Day(5), "i1");
        Assert.Equal((1.0, 0.0), (An.Column(other, "taste_category"), An.Column(other, "taste_author")), Close);
        Assert.Equal((Math.Log(0.25), Math.Log(0.25) / 0.25), (An.Column(other, "price_from_mean"), An.Column(other, "price_deviations")), Close);
        Assert.Equal((0.0, -1.0), (An.Column(other, "user_item_count"), An.Column(other, "user_item_days_since_last")), Close);
    }

    [Fact]
    public void Read_BeforeBegin_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => new FeatureReader(An.State([]), FeatureSchema.Standard).Read(new("i0"), new float[FeatureSchema.Standard.Width]));

    private static bool Close((double, double) expected, (double, double) actual) =>
        Math.Abs(expected.Item1 - actual.Item1) < 1e-5 && Math.Abs(expected.Item2 - actual.Item2) < 1e-5;
}
