using System.Globalization;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Tests;

namespace Recs.Features.Tests;

/// <summary>
/// The numbers of the standard rows, frozen in tests/golden/feature-rows.txt: a refactoring that moves them is seen. They are compared to six digits,
/// since dot products and logarithms may round differently on another processor. Who means a change runs
/// <c>artifacts/bin/Recs.Features.Tests/debug/Recs.Features.Tests -explicit only -method "*Accept_*"</c> and commits the file.
/// </summary>
public sealed class FeatureRowsTests
{
    private static string GoldenPath => Path.Combine(Requirements.Root, "tests", "golden", "feature-rows.txt");

    [Fact]
    public void Standard_RowsOfSeededLogs_AreAsFrozen()
    {
        var (expected, actual) = (File.ReadAllLines(GoldenPath), Lines().ToArray());
        Assert.Equal(expected.Length, actual.Length);
        for (var line = 0; line < expected.Length; line++)
        {
            var (one, two) = (expected[line].Split(' '), actual[line].Split(' '));
            Assert.Equal(one.Length, two.Length);
            for (var column = 0; column < one.Length; column++)
            {
                var (wanted, found) = (float.Parse(one[column], CultureInfo.InvariantCulture), float.Parse(two[column], CultureInfo.InvariantCulture));
                Assert.True(Math.Abs(wanted - found) <= 1e-6 * Math.Max(1, Math.Abs(wanted)), $"row {line}, column {column}: {found}, frozen {wanted}");
            }
        }
    }

    [Fact(Explicit = true)]
    public void Accept_Standard_WritesTheGoldenFile() => File.WriteAllLines(GoldenPath, Lines());

    private static IEnumerable<string> Lines()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, 900);
            var builder = new AffinityBuilder();
            foreach (var source in log) builder.Add(source with { Time = An.Day((source.Time - An.Start).Days / 20) });
            var reader = new FeatureReader(An.State(log), FeatureSchema.Standard) { Vectors = new ItemVectors(An.Vectors(random, 18)), Affinity = builder.Build(An.Day(200)) };
            for (var i = 0; i < 15; i++)
            {
                var row = An.Row(reader, $"u{random.Next(9)}", An.Day(150 + random.NextDouble() * 60), $"i{random.Next(27)}");
                yield return string.Join(' ', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
            }
        }
    }
}
