using Recs.Domain.Embeddings;
using Recs.Features.Embedding;

namespace Recs.Features.Tests.Embedding;

public sealed class VectorSliceTests
{
    private const int Items = 400, Dimensions = 6;

    [Fact]
    public void Read_TheVectorsItWasFittedTo_HaveMeanZeroDeviationOneAndAreUncorrelated()
    {
        var vectors = new ItemVectors(Embeddings(1));
        var rows = Rows(Schema(3).Fit(vectors), vectors);
        for (var a = 0; a < 3; a++)
        {
            Assert.Equal(0, rows.Average(row => row[a]), 1e-4);
            for (var b = 0; b <= a; b++) Assert.Equal(a == b ? 1 : 0, rows.Average(row => (double)row[a] * row[b]), 1e-3);
        }
    }

    [Fact]
    public void Fit_SpreadAlongKnownDirections_FindsTheWidestFirst()
    {
        var vectors = new ItemVectors(Embeddings(2));
        var rows = Rows(Schema(2).Fit(vectors), vectors);
        // The first two coordinates spread most: the slice follows them.
        Assert.True(Math.Abs(Correlation([.. rows.Select(row => (double)row[0])], [.. Embeddings(2).Select(e => (double)e.Vector[0])])) > 0.98);
        Assert.True(Math.Abs(Correlation([.. rows.Select(row => (double)row[1])], [.. Embeddings(2).Select(e => (double)e.Vector[1])])) > 0.98);
    }

    [Fact]
    public void Fit_SameVectorsInAnyOrder_IsTheSameSchemaAndOthersAnother()
    {
        var embeddings = Embeddings(3);
        var one = Schema(2).Fit(new ItemVectors(embeddings));
        Assert.Equal(one.Hash, Schema(2).Fit(new ItemVectors([.. An.Shuffled(new Random(4), embeddings)])).Hash);
        Assert.NotEqual(one.Hash, Schema(2).Fit(new ItemVectors(Embeddings(5))).Hash);
        Assert.NotEqual(one.Hash, Schema(2).Hash);
        Assert.Same(FeatureSchema.Standard, FeatureSchema.Standard.Fit(new ItemVectors(embeddings))); // nothing to find
    }

    [Fact]
    public void Read_AGrownCatalogue_MovesNothing()
    {
        var schema = Schema(3).Fit(new ItemVectors(Embeddings(6)));
        var few = Rows(schema, new ItemVectors(Embeddings(6)));
        var many = Rows(schema, new ItemVectors([.. Embeddings(6), .. Embeddings(7).Select(e => e with { Item = new("later-" + e.Item) })]));
        Assert.Equal(few, many);
    }

    [Fact]
    public void Read_NeverFittedOrToOtherDimensions_IsABug()
    {
        Assert.Contains("never found", Assert.Throws<InvalidOperationException>(() => Rows(Schema(2), new ItemVectors(Embeddings(8)))).Message, StringComparison.Ordinal);
        var schema = Schema(2).Fit(new ItemVectors(An.Vectors(new Random(1), 30, dimensions: 4)));
        Assert.Contains("another version", Assert.Throws<InvalidOperationException>(() => Rows(schema, new ItemVectors(Embeddings(8)))).Message, StringComparison.Ordinal);
    }

    private static FeatureSchema Schema(int count) => FeatureSchema.Of([new("vector_slice", new Dictionary<string, double> { ["count"] = count })]);

    private static List<ItemEmbedding> Embeddings(int seed)
    {
        var random = new Random(seed);
        double[] spread = [1, 0.6, 0.1, 0.05, 0.02, 0.01];
        return [.. Enumerable.Range(0, Items).Select(i => new ItemEmbedding(new($"i{i:000}"), "v1", "", [.. Enumerable.Range(0, Dimensions).Select(d => (float)(0.3 + spread[d] * (random.NextDouble() - 0.5)))]))];
    }

    private static List<float[]> Rows(FeatureSchema schema, ItemVectors vectors)
    {
        var reader = new FeatureReader(An.State(Enumerable.Range(0, Items).Select(i => An.Item($"e{i}", An.Start, $"i{i:000}"))), schema) { Vectors = vectors };
        reader.Begin(new("u"), An.Day(1));
        return [.. Enumerable.Range(0, Items).Select(i =>
        {
            var row = new float[schema.Width];
            reader.Read(new($"i{i:000}"), row);
            return row;
        })];
    }

    private static double Correlation(double[] one, double[] other)
    {
        double a = one.Average(), b = other.Average();
        return one.Zip(other, (x, y) => (x - a) * (y - b)).Sum() / Math.Sqrt(one.Sum(x => (x - a) * (x - a)) * other.Sum(y => (y - b) * (y - b)));
    }
}
