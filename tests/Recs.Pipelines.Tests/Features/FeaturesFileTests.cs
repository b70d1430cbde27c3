using Recs.Domain;
using Recs.Features;
using Recs.Pipelines.Features;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Features;

public sealed class FeaturesFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Read_BundledFile_IsTheStandardSchema() =>
        Assert.Equal(FeatureSchema.Standard.Hash, FeaturesFile.Read(Path.Combine(Requirements.Root, "pipelines", "features.yaml")).Hash);

    [Fact]
    public void Read_NamesAndParameters_GiveTheColumnsInOrder()
    {
        var schema = Read("version: 1", "features:", "  - item_age", "  - item_demand: { smoothing: 5, third_days: 3 }", "  - price_taste: {}");
        Assert.Equal(("item_age_days", "item_positives_3d"), (schema.Columns[0], schema.Columns[3]));
        Assert.Equal(5, schema.Features[1].Parameters["smoothing"]);
        Assert.Equal(30, schema.Features[1].Parameters["fourth_days"]);
    }

    /// <summary>Every fault is one line with its place.</summary>
    [Theory]
    [InlineData(":3: this build knows no feature 'item_aeg'; nearest: item_age, ", "version: 1", "features:", "- item_aeg")]
    [InlineData(":4: feature item_demand has no parameter 'smoothness'; nearest: smoothing", "version: 1", "features:", "- item_age", "- item_demand: { smoothness: 3 }")]
    [InlineData(":3: smoothing of feature item_demand is -3, range", "version: 1", "features:", "- item_demand: { smoothing: -3 }")]
    [InlineData(":3: smoothing of item_demand must be a number", "version: 1", "features:", "- item_demand: { smoothing: much }")]
    [InlineData(":3: two features make the column item_age_days", "version: 1", "features:", "- item_age", "- item_age")]
    [InlineData(":1: features of schema version 2", "version: 2", "features: [item_age]")]
    [InlineData(":1: version must be a whole number", "version: one", "features: [item_age]")]
    [InlineData(":1: the features file has no version", "features: [item_age]")]
    [InlineData(":1: the features file has no features", "version: 1")]
    [InlineData(":2: unknown key 'feature'", "version: 1", "feature: [item_age]")]
    [InlineData(":2: features must be a list", "version: 1", "features: []")]
    [InlineData(":2: a feature must be a name, or one name", "version: 1", "features: [{ item_age: {}, item_price: {} }]")]
    public void Read_Faulty_IsRefusedWithItsPlace(string message, params string[] lines) =>
        Assert.Contains("f.yaml" + message, Assert.Throws<RefusedException>(() => Read(lines)).Message, StringComparison.Ordinal);

    private FeatureSchema Read(params string[] lines) => FeaturesFile.Read(_folder.Write("f.yaml", string.Join('\n', lines)));

    public void Dispose() => _folder.Dispose();
}
