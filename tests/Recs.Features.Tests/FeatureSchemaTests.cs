using Recs.Domain;
using Recs.Tests;

namespace Recs.Features.Tests;

/// <summary>
/// The layout of a row, frozen in tests/golden/feature-schema.txt: models on disk depend on it. A test only verifies. Who means the change
/// runs <c>artifacts/bin/Recs.Features.Tests/debug/Recs.Features.Tests -explicit only -method "*Accept_*"</c> and commits the file.
/// </summary>
public sealed class FeatureSchemaTests
{
    private static string GoldenPath => Path.Combine(Requirements.Root, "tests", "golden", "feature-schema.txt");

    private static string Text => string.Concat(FeatureSchema.Standard.Columns.Prepend($"version {FeatureSchema.Version} hash {FeatureSchema.Standard.Hash}").Select(line => line + "\n"));

    [Fact]
    public void Standard_ColumnsAndHash_AreAsFrozen() => Assert.Equal(File.ReadAllText(GoldenPath), Text);

    [Fact(Explicit = true)]
    public void Accept_Standard_WritesTheGoldenFile() => File.WriteAllText(GoldenPath, Text);

    [Fact]
    public void Standard_Columns_AreDistinctAndAsWideAsARow()
    {
        var columns = FeatureSchema.Standard.Columns;
        Assert.Equal(columns.Count, columns.Distinct().Count());
        Assert.Equal(43, FeatureSchema.Standard.Width);
        for (var at = 0; at < columns.Count; at++) Assert.Equal(at, FeatureSchema.Standard.Find(columns[at]));
        Assert.Equal(-1, FeatureSchema.Standard.Find("item_positives"));
        Assert.Equal(
            ["interest_7d_cosine", "interest_90d_cosine", "disliked_90d_cosine", "liked_max_cosine", "liked_top3_cosine", "neighbour_demand", "neighbour_demand_max", "popular_cosine"],
            FeatureSchema.Standard.EmbeddingColumns.Select(at => columns[at]));
    }

    [Fact]
    public void Of_NamesParametersAndOrder_AreInTheHash()
    {
        FeatureChoice[][] schemas =
        [
            [new("item_demand"), new("item_age")], [new("item_age"), new("item_demand")], [new("item_demand")],
            [With("item_demand", ("smoothing", 21)), new("item_age")], [With("item_demand", ("first_hours", 2)), new("item_age")],
        ];
        Assert.Equal(schemas.Length, schemas.Select(choices => FeatureSchema.Of(choices).Hash).Distinct().Count());
        Assert.Equal(FeatureSchema.Of(schemas[0]).Hash, FeatureSchema.Of([With("item_demand", ("smoothing", 20)), new("item_age")]).Hash);
    }

    [Fact]
    public void Of_OwnHalfLives_NameTheColumns()
    {
        var schema = FeatureSchema.Of([new("user_activity"), With("interest_similarity", ("short_days", 0.5), ("long_days", 2))], FeatureSchema.Version);
        Assert.Equal(["interest_12h_cosine", "interest_2d_cosine", "disliked_2d_cosine"], schema.Columns.Skip(6).Take(3));
    }

    [Theory]
    [InlineData("item_demnd", "smoothing", 20, "this build knows no feature 'item_demnd'; nearest: item_demand, ")]
    [InlineData("item_demand", "smothing", 20, "feature item_demand has no parameter 'smothing'; nearest: smoothing, ")]
    [InlineData("item_age", "smoothing", 20, "feature item_age has no parameters, yet 'smoothing' is given")]
    [InlineData("item_demand", "smoothing", 0, "smoothing of feature item_demand is 0, range 0.01 to 1000000")]
    [InlineData("item_demand", "smoothing", double.NaN, "smoothing of feature item_demand is NaN, range 0.01 to 1000000")]
    [InlineData("co_engagement", "horizon", 1.5, "horizon of feature co_engagement is 1.5, whole numbers from 1 to 100")]
    public void Of_UnknownOrOutOfRange_IsRefused(string feature, string parameter, double value, string message) =>
        Assert.StartsWith(message, Assert.Throws<RefusedException>(() => FeatureSchema.Of([With(feature, (parameter, value))])).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_NothingTwiceOrAnotherVersion_IsRefused()
    {
        Assert.Contains("0 features", Assert.Throws<RefusedException>(() => FeatureSchema.Of([])).Message, StringComparison.Ordinal);
        Assert.Contains("column item_age_days", Assert.Throws<RefusedException>(() => FeatureSchema.Of([new("item_age"), new("item_age")])).Message, StringComparison.Ordinal);
        Assert.Contains("version 9", Assert.Throws<RefusedException>(() => FeatureSchema.Of([new("item_age")], 9)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("item_rate", "rate_item", 6)]
    public void Distance_OfTwoNames_CountsEdits(string one, string other, int edits) =>
        Assert.Equal((edits, edits), (NearestNames.Distance(one, other), NearestNames.Distance(other, one)));

    [Fact]
    public void Known_Features_HaveDistinctNamesAndDefaultsWithinTheirRanges()
    {
        Assert.Equal(FeatureSchema.Known.Count, FeatureSchema.Known.Select(known => known.Name).Distinct().Count());
        foreach (var known in FeatureSchema.Known)
        {
            Assert.Equal(known.Parameters.Count, known.Parameters.Select(parameter => parameter.Name).Distinct().Count());
            foreach (var parameter in known.Parameters) Assert.InRange(parameter.Default, parameter.Minimum, parameter.Maximum);
            Assert.NotEmpty(FeatureSchema.Of([new(known.Name, new Dictionary<string, double>(), known.NeedsAttribute ? "year" : null)]).Columns);
        }
    }

    [Fact]
    public void Owners_AreTheFeaturesThatFold()
    {
        // Whoever overrides Update must be among the owners, or its part of the state stays empty.
        var folding = typeof(Feature).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Feature)) && type.GetMethod(nameof(Feature.Update))!.DeclaringType == type);
        Assert.Equal(folding.Select(type => type.Name).Order(StringComparer.Ordinal), FeatureSet.Owners().Select(owner => owner.GetType().Name).Order(StringComparer.Ordinal));
    }

    private static FeatureChoice With(string name, params (string Name, double Value)[] parameters) => new(name, parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
}
