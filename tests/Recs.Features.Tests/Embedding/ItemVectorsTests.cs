using Recs.Domain.Embeddings;
using Recs.Features.Embedding;

namespace Recs.Features.Tests.Embedding;

public sealed class ItemVectorsTests
{
    [Fact]
    public void Similar_RandomVectors_AreByCosineThenById()
    {
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            // Few directions: most cosines tie.
            var directions = An.Vectors(random, 4).Select(embedding => embedding.Vector).ToList();
            var embeddings = An.Shuffled(random, Enumerable.Range(0, 60).Select(i => new ItemEmbedding(new($"i{i:00}"), "v1", "", directions[random.Next(4)])));
            var vectors = new ItemVectors(embeddings);
            foreach (var embedding in embeddings)
            {
                var expected = embeddings.Where(other => other.Item != embedding.Item)
                    .Select(other => (Item: other.Item.Value, Cosine: Cosine(embedding.Vector, other.Vector)))
                    .OrderByDescending(other => Math.Round(other.Cosine, 5)).ThenBy(other => other.Item, StringComparer.Ordinal).Take(25).ToList();
                var similar = vectors.Similar(embedding.Item.Value, 25)!;
                Assert.Equal(expected.Select(near => near.Item), similar.Select(near => near.Item));
                for (var i = 0; i < similar.Count; i++) Assert.Equal(expected[i].Cosine, similar[i].Cosine, 1e-5);
            }
        }
    }

    [Fact]
    public void Similar_ZeroVectorAndUnknownItem_TakeNoPart()
    {
        var vectors = new ItemVectors([An.Vector("a", 1, 0), An.Vector("zero", 0, 0), An.Vector("b", 0, 1)]);
        Assert.Equal((2, 2, "v1"), (vectors.Count, vectors.Dimensions, vectors.Version));
        Assert.Equal("b", Assert.Single(vectors.Similar("a", 10)!).Item);
        Assert.Null(vectors.Similar("zero", 10));
        Assert.Null(vectors.Similar("unknown", 10));
        Assert.Empty(vectors.Similar("a", 0)!);
    }

    [Fact]
    public void NearestTo_ItemsWithAndWithoutVectors_IsByTheirSum()
    {
        var vectors = new ItemVectors([An.Vector("a", 1, 0), An.Vector("b", 0, 1), An.Vector("c", 1, 1), An.Vector("d", -1, -1)]);
        Assert.Equal(["c", "a", "b"], vectors.NearestTo(["a", "b", "unknown"], 3).Select(near => near.Item));
        Assert.Empty(vectors.NearestTo(["unknown"], 3));
        Assert.Empty(vectors.NearestTo(["c", "d"], 3)); // they cancel
    }

    [Fact]
    public void NearestTo_OnAnyNumberOfThreads_IsTheSame()
    {
        var random = new Random(5);
        // Few directions: most cosines tie, so that parts must agree on ties as well.
        var directions = An.Vectors(random, 40).Select(embedding => embedding.Vector).ToList();
        var vectors = new ItemVectors([.. Enumerable.Range(0, 9_000).Select(i => new ItemEmbedding(new($"i{i:0000}"), "v1", "", directions[random.Next(40)]))]);
        string[] items = ["i0003", "i4711", "i8999"];
        foreach (var count in new[] { 1, 30, 2_000, 20_000 })
            foreach (var threads in new[] { 2, 3, 4, 16 })
                Assert.Equal(vectors.NearestTo(items, count), vectors.NearestTo(items, count, threads));
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => vectors.NearestTo(items, 10, threads: 4, given.Token));
    }

    [Fact]
    public void Constructor_MixedVersionsOrLengths_Refuses()
    {
        Assert.Throws<ArgumentException>(() => new ItemVectors([An.Vector("a", 1, 0), An.Vector("b", 1, 0) with { Version = "v2" }]));
        Assert.Throws<ArgumentException>(() => new ItemVectors([An.Vector("a", 1, 0), An.Vector("b", 1, 0, 0)]));
        Assert.Throws<ArgumentException>(() => new ItemVectors([An.Vector("a", 1, 0), An.Vector("a", 0, 1)]));
        Assert.Equal(("none", 0, 0), (new ItemVectors([]).Version, new ItemVectors([]).Dimensions, new ItemVectors([]).Count));
    }

    [Fact]
    public void With_AnyChanges_IsTheTableMadeOfAll_NeighboursTakenOverOrFoundAnew()
    {
        var random = new Random(5);
        for (var round = 0; round < 30; round++)
        {
            var all = Enumerable.Range(0, 80).Select(i => Some(random, i)).ToDictionary(embedding => embedding.Item);
            var begun = all.Values.Where(_ => random.Next(4) > 0).ToDictionary(embedding => embedding.Item);
            var vectors = new ItemVectors([.. begun.Values]);
            vectors.Prepare(TestContext.Current.CancellationToken);
            for (var step = 0; step < 4; step++)
            {
                var saved = Enumerable.Range(0, 80).Where(_ => random.Next(25) == 0).Select(i => Some(random, i)).ToList();
                var removed = begun.Keys.Where(item => random.Next(30) == 0 && saved.All(embedding => embedding.Item != item)).ToList();
                foreach (var embedding in saved) begun[embedding.Item] = embedding;
                foreach (var item in removed) begun.Remove(item);
                vectors = vectors.With(saved, removed);
                var anew = new ItemVectors([.. begun.Values]);
                Assert.Equal(anew.Count, vectors.Count);
                for (var row = 0; row < anew.Count; row++)
                {
                    Assert.Equal(anew.Id(row), vectors.Id(row));
                    Assert.Equal(anew.Vector(row).ToArray(), vectors.Vector(row).ToArray());
                    Assert.Equal(anew.Experts(row).ToArray(), vectors.Experts(row).ToArray());
                    Assert.Equal(anew.SameSignature(row), vectors.SameSignature(row));
                    Assert.Equal(anew.Nearest(row).Rows, vectors.Nearest(row).Rows);
                    Assert.Equal(anew.Nearest(row).Cosines, vectors.Nearest(row).Cosines);
                }
            }
        }

        // One direction in three is shared, so that cosines tie; one vector in twenty is of an item without text.
        static ItemEmbedding Some(Random random, int item) => An.Vectors(random.Next(3) == 0 ? new Random(9) : random, 1)[0] is var made && random.Next(20) == 0
            ? made with { Item = new($"i{item:00}"), Vector = new float[made.Vector.Length] }
            : made with { Item = new($"i{item:00}"), Signature = random.Next(2) == 0 ? "1-2" : "3-0" };
    }

    [Fact]
    public void With_AnotherVersionOrLength_Refuses()
    {
        var vectors = new ItemVectors([An.Vector("a", 1, 0)]);
        Assert.Throws<ArgumentException>(() => vectors.With([An.Vector("b", 1, 0) with { Version = "v2" }], []));
        Assert.Throws<ArgumentException>(() => vectors.With([An.Vector("b", 1, 0, 0)], []));
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
