using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Storage.Marts;

namespace Recs.Sql.Tests.Clusters;

/// <summary>What must hold of k-means on the unit sphere whatever it is given.</summary>
public sealed class SphericalKMeansTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Of_ShuffledInputAndOtherThreads_GivesTheSameBits(int seed)
    {
        var random = new Random(seed);
        var embeddings = Enumerable.Range(0, 700).Select(n => new ItemEmbedding(new($"i{n * 7919 % 1000}"), "v", "", Direction(random, 7 + seed))).ToArray();
        var alone = ItemCluster.Of(embeddings, threads: 1);
        Assert.Equal(700, alone.Count);
        Assert.True(alone.Max(item => item.Cluster) > 10);
        foreach (var threads in new[] { 2, 3, 16 })
        {
            random.Shuffle(embeddings);
            Assert.Equal(alone, ItemCluster.Of(embeddings, threads)); // record equality: cosines bit by bit
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_SeparatedGroups_FindsThemAndNumbersThemBySize(int seed)
    {
        var random = new Random(seed);
        // Groups of 14, 12, 10, 8 and 6 around the axes: 50 items make 5 clusters.
        var groups = Enumerable.Range(0, 5).SelectMany(group => Enumerable.Range(0, 14 - 2 * group).Select(n => (Group: group, Item: new ItemId($"i{group}-{n}")))).ToArray();
        random.Shuffle(groups);
        var found = ItemCluster.Of(groups.Select(pair => new ItemEmbedding(pair.Item, "v", "", Near(random, pair.Group, 0.05))), threads: 2);
        Assert.Equal(groups.OrderBy(pair => pair.Item.Value, StringComparer.Ordinal).Select(pair => (pair.Item, pair.Group + 1)), found.Select(item => (item.Item, item.Cluster)));
        Assert.All(found, item => Assert.InRange(item.Cosine, 0.95, 1));
    }

    [Theory]
    [InlineData(2, 3, 50)]
    [InlineData(3, 20, 400)]
    [InlineData(16, 64, 600)]
    [InlineData(64, 30, 90)]
    public void Run_AnyDirections_NeverRisesAndEndsAtItsBest(int dimensions, int clusters, int count)
    {
        var random = new Random(dimensions);
        var vectors = Enumerable.Range(0, count).Select(_ => Direction(random, dimensions)).ToList();
        var found = SphericalKMeans.Run(vectors, clusters, seed: 7, threads: 2);
        for (var round = 1; round < found.Spreads.Count; round++) Assert.True(found.Spreads[round] <= found.Spreads[round - 1] + 1e-9, $"round {round}: {found.Spreads[round]} after {found.Spreads[round - 1]}");
        Assert.InRange(found.Spreads.Count, 2, SphericalKMeans.MostRounds);
        Assert.Equal(clusters, found.Cluster.Distinct().Count());
        if (found.Spreads.Count == SphericalKMeans.MostRounds) return; // ended before it had settled
        // Each vector is with the nearest of the centres, which are the directions of their vectors' sums.
        var centres = found.Cluster.Zip(vectors).GroupBy(pair => pair.First, pair => pair.Second).ToDictionary(group => group.Key, group => Unit(Sum(group, dimensions)));
        for (var at = 0; at < count; at++)
        {
            Assert.Equal(Cosine(vectors[at], centres[found.Cluster[at]]), found.Cosine[at], 1e-9);
            Assert.True(found.Cosine[at] >= centres.Values.Max(centre => Cosine(vectors[at], centre)) - 1e-9);
        }
    }

    [Fact]
    public void Run_FewerDirectionsThanClusters_MakesOneForEach()
    {
        var vectors = Enumerable.Range(0, 30).Select(n => new float[] { n % 3 == 0 ? 1 : 0, n % 3 == 1 ? 2 : 0, n % 3 == 2 ? 3 : 0 }).ToList();
        var found = SphericalKMeans.Run(vectors, clusters: 8, seed: 1, threads: 1);
        Assert.Equal(3, found.Cluster.Distinct().Count());
        for (var at = 3; at < 30; at++) Assert.Equal(found.Cluster[at % 3], found.Cluster[at]);
        Assert.All(found.Cosine, cosine => Assert.Equal(1, cosine, 1e-12));
    }

    [Fact]
    public void Run_OppositeVectorsInOneCluster_StaysWhereItWas()
    {
        var found = SphericalKMeans.Run([[1, 0], [-1, 0]], clusters: 1, seed: 1, threads: 1);
        Assert.Equal([0, 0], found.Cluster);
        Assert.Equal(0, found.Cosine.Sum(), 1e-12); // their sum has no direction
    }

    [Fact]
    public void Of_VectorsOfTwoLengths_IsRefusedWithBoth() =>
        Assert.Contains("a has 2 numbers, b has 3", Assert.Throws<RefusedException>(() => ItemCluster.Of([new(new("b"), "v", "", [1, 0, 0]), new(new("a"), "v", "", [1, 0])], 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_ItemsWithoutText_HaveNoCluster()
    {
        Assert.Equal([new ItemId("b")], ItemCluster.Of([new(new("a"), "v", "", [0, 0]), new(new("b"), "v", "", [0, 1])], 1).Select(item => item.Item));
        Assert.Empty(ItemCluster.Of([new(new("a"), "v", "", [0, 0])], 1));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(30, 4)]
    [InlineData(50, 5)]
    [InlineData(10_000, 64)]
    public void CountFor_Items_IsTheRootOfHalfWithinBounds(int items, int clusters) => Assert.Equal(clusters, ItemCluster.CountFor(items));

    private static float[] Direction(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float[] Near(Random random, int axis, double by) => [.. Enumerable.Range(0, 6).Select(at => (float)((at == axis ? 1 : 0) + by * (random.NextDouble() - 0.5)))];

    private static double[] Sum(IEnumerable<float[]> vectors, int dimensions)
    {
        var sum = new double[dimensions];
        foreach (var vector in vectors)
        {
            var length = Math.Sqrt(vector.Sum(value => (double)value * value));
            for (var at = 0; at < dimensions; at++) sum[at] += vector[at] / length;
        }
        return sum;
    }

    private static double[] Unit(double[] sum) => [.. sum.Select(value => value / Math.Sqrt(sum.Sum(other => other * other)))];

    private static double Cosine(float[] vector, double[] unit) => vector.Zip(unit, (a, b) => a * b).Sum() / Math.Sqrt(vector.Sum(value => (double)value * value));
}
