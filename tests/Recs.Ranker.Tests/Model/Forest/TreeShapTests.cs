using System.Numerics;
using Recs.Ranker.LightGbm;
using Recs.Ranker.Model;

namespace Recs.Ranker.Tests.Model.Forest;

public sealed class TreeShapTests
{
    [Theory]
    [InlineData(1, 1, 8, 4)]
    [InlineData(2, 5, 12, 6)]
    [InlineData(3, 3, 20, 3)]   // features met again and again on one way
    [InlineData(4, 4, 1, 2)]
    public void Explain_SmallForests_EqualsAllSubsets(int seed, int trees, int leaves, int width)
    {
        var grown = Covered(seed, trees, leaves, width);
        var forest = new RegressionForest(grown);
        var random = new Random(seed);
        var found = new double[width];
        for (var round = 0; round < 20; round++)
        {
            float[] row = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() * 2 - 1)];
            var expected = forest.Explain(row, found);
            Assert.Equal(Value(grown, row, 0), expected, 1e-12);
            for (var feature = 0; feature < width; feature++) Assert.Equal(Shapley(grown, row, feature), found[feature], 1e-10);
        }
    }

    [Theory]
    [InlineData(5, 60, 31, 12)]
    [InlineData(6, 20, 120, 3)]
    public void Explain_AnyForest_SumsUpToTheScore(int seed, int trees, int leaves, int width)
    {
        var forest = new RegressionForest(Covered(seed, trees, leaves, width));
        var rows = ForestSample.Rows(50, width, seed);
        var found = new double[width];
        for (var row = 0; row < 50; row++)
        {
            var expected = forest.Explain(rows.AsSpan(row * width, width), found);
            Assert.Equal(forest.Score(rows.AsSpan(row * width, width)), expected + found.Sum(), 1e-9);
        }
    }

    [Fact]
    public void Explain_GrownForest_EqualsLightGbm()
    {
        Assert.SkipWhen(LightGbmBooster.WhyNot is not null, LightGbmBooster.WhyNot ?? "");
        const int width = 10, count = 200;
        var sample = ForestSample.Grow(40, 31, width, 4_000, 7);
        using var theirs = LightGbmBooster.Load(sample.Forest, width);
        var rows = ForestSample.Rows(count, width, 8);
        var contributions = new double[count * (width + 1)];
        theirs.Contributions(rows, contributions);
        var ours = new double[width];
        for (var row = 0; row < count; row++)
        {
            var expected = sample.Forest.Explain(rows.AsSpan(row * width, width), ours);
            Assert.Equal(contributions[row * (width + 1) + width], expected, 1e-9);
            for (var feature = 0; feature < width; feature++) Assert.Equal(contributions[row * (width + 1) + feature], ours[feature], 1e-9);
        }
    }

    [Fact]
    public void Explain_WithoutCovers_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new RegressionForest(RandomForest.Trees(1, 2, 5, 2, 9)).Explain([0, 0], new double[2]));

    private static List<RegressionForest.Tree> Covered(int seed, int trees, int leaves, int width)
    {
        var random = new Random(seed + 100);
        return [.. RandomForest.Trees(seed, trees, leaves, width, 30).Select(tree => tree with { Covers = [.. tree.Leaves.Select(_ => random.Next(1, 50))] })];
    }

    /// <summary>The score when only the features of a set are there: at other splits the mean of both sides.</summary>
    private static double Value(List<RegressionForest.Tree> trees, float[] row, uint present)
    {
        return trees.Sum(tree => Go(tree, tree.Features.Count == 0 ? ~0 : 0).Value);

        (double Value, double Rows) Go(RegressionForest.Tree tree, int node)
        {
            if (node < 0) return (tree.Leaves[~node], tree.Covers![~node]);
            var (left, right) = (Go(tree, tree.Left[node]), Go(tree, tree.Right[node]));
            var rows = left.Rows + right.Rows;
            if ((present >> tree.Features[node] & 1) == 0) return ((left.Value * left.Rows + right.Value * right.Rows) / rows, rows);
            return (row[tree.Features[node]] <= tree.Thresholds[node] ? left.Value : right.Value, rows);
        }
    }

    /// <summary>The definition: the mean over all orders of what the feature changes when it comes.</summary>
    private static double Shapley(List<RegressionForest.Tree> trees, float[] row, int feature)
    {
        var sum = 0.0;
        for (var set = 0u; set < 1u << row.Length; set++)
        {
            if ((set >> feature & 1) == 1) continue;
            var size = BitOperations.PopCount(set);
            sum += Factorial(size) * Factorial(row.Length - size - 1) / Factorial(row.Length) * (Value(trees, row, set | 1u << feature) - Value(trees, row, set));
        }
        return sum;

        static double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
    }
}
