using Recs.Tests;

namespace Recs.Features.Tests;

/// <summary>
/// The layout of a row, frozen in tests/golden/feature-schema.txt: models on disk depend on it. A test only verifies. Who means the change
/// runs <c>artifacts/bin/Recs.Features.Tests/debug/Recs.Features.Tests -explicit only -method "*Accept_*"</c> and commits the file.
/// </summary>
public sealed class FeatureSchemaTests
{
    private static string GoldenPath => Path.Combine(Requirements.Root, "tests", "golden", "feature-schema.txt");

    private static string Text => string.Concat(FeatureSchema.Current.Columns.Prepend($"version {FeatureSchema.Version} hash {FeatureSchema.Current.Hash}").Select(line => line + "\n"));

    [Fact]
    public void Current_ColumnsAndHash_AreAsFrozen() => Assert.Equal(File.ReadAllText(GoldenPath), Text);

    [Fact(Explicit = true)]
    public void Accept_Current_WritesTheGoldenFile() => File.WriteAllText(GoldenPath, Text);

    [Fact]
    public void Current_Columns_AreDistinctAndAsWideAsARow()
    {
        var columns = FeatureSchema.Current.Columns;
        Assert.Equal(columns.Count, columns.Distinct().Count());
        Assert.Equal(columns.Count, FeatureReader.Width);
        Assert.Equal(
            ["interest_7d_cosine", "interest_90d_cosine", "disliked_90d_cosine", "liked_max_cosine", "liked_top3_cosine", "neighbour_demand", "neighbour_demand_max", "popular_cosine"],
            FeatureSchema.Current.EmbeddingColumns.Select(at => columns[at]));
    }
}
