using Recs.Features.Requests;

namespace Recs.Features.Tests.Requests;

public sealed class SurfaceTests
{
    private static readonly FeatureSchema Schema = FeatureSchema.Of([new("surface", new Dictionary<string, double> { ["buckets"] = 4 })]);

    [Fact]
    public void Read_ASurface_HasOneInItsBucketAlone()
    {
        Assert.Equal(["surface_0", "surface_1", "surface_2", "surface_3"], Schema.Columns);
        foreach (var name in new[] { "home", "search", "detail", "für dich" })
        {
            var row = Row(name);
            Assert.Equal(1, row.Sum());
            Assert.Equal(1, row[NameBucket.Of(name, 4)]);
            Assert.Equal(row, Row(name));
        }
        Assert.All(Row(""), value => Assert.Equal(0, value));
    }

    // Models on disk depend on the buckets. Worked out by another program from the definition of FNV-1a.
    [Theory]
    [InlineData("home", 8, 6)]
    [InlineData("search", 8, 7)]
    [InlineData("United Kingdom", 64, 56)]
    public void Of_AName_IsAsFrozen(string name, int buckets, int bucket) => Assert.Equal(bucket, NameBucket.Of(name, buckets));

    [Fact]
    public void Of_ManyNames_FillsTheBucketsEvenly()
    {
        var counts = new int[16];
        for (var i = 0; i < 16_000; i++) counts[NameBucket.Of($"surface {i}", 16)]++;
        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }

    private static float[] Row(string surface)
    {
        var reader = new FeatureReader(An.State([An.Item("e", An.Start)]), Schema);
        var row = new float[4];
        reader.Begin(new("u"), An.Day(1), surface);
        reader.Read(new("i0"), row);
        return row;
    }
}
