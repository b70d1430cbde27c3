using Recs.Domain.Events;
using Recs.Ranker.Model;

namespace Recs.Ranker.Tests.Model;

public sealed class RegressionForestTests
{
    [Fact]
    public void Score_HandWorkedTrees_IsTheSumOfTheirLeaves()
    {
        var forest = new RegressionForest(
        [
            new([0, 1], [1f, 5f], [~0, ~1], [1, ~2], [1, 10, 100]),
            new([], [], [], [], [0.5]),              // no split: one leaf
            new([1], [0f], [~0], [~1], [-1000, 1000]),
        ]);
        Assert.Equal(3, forest.Trees);
        Assert.Equal(1 + 0.5 - 1000, forest.Score([1f, 0f]));          // at the threshold: left
        Assert.Equal(10 + 0.5 + 1000, forest.Score([1.0001f, 5f]));
        Assert.Equal(100 + 0.5 + 1000, forest.Score([2f, 5.1f]));
        Assert.Equal(0, new RegressionForest([]).Score([]));
    }

    [Fact]
    public void Head_SelectedColumns_AreReadInTheirOrder()
    {
        var forest = new RegressionForest([new([1], [0f], [~0], [~1], [-1, 1])]);
        var head = new Head(InteractionType.Click, forest, new PlattCalibration(1, 0), [5, 2]);
        var row = new float[8];
        row[2] = 3;
        Assert.Equal(1, head.Score(row));
        (row[2], row[5], row[1]) = (-3, 3, 3);
        Assert.Equal(-1, head.Score(row));
        Assert.Equal((float)(1 / (1 + Math.E)), head.Probability(row), 1e-6f);
    }

    [Fact]
    public void Head_ManyRows_HaveTheBitsOfEachAlone()
    {
        const int width = 8, count = 300;
        var forest = new RegressionForest(Forest.RandomForest.Trees(5, 20, 31, 3, 50));
        var blend = new BlendScorer([new(forest, new(0.7, 0.1), 0.4), new(new RegressionForest(Forest.RandomForest.Trees(6, 9, 12, 3, 50)), new(1.3, -0.2), 0.6)]);
        var rows = Forest.RandomForest.Rows(7, count, width, 50);
        foreach (var scorer in (IScorer[])[forest, blend])
            foreach (var columns in (int[]?[])[null, [7, 0, 4]])
            {
                var head = new Head(InteractionType.Click, scorer, new PlattCalibration(0.9, -1), columns);
                var many = new float[count];
                head.Probabilities(rows, width, many);
                for (var row = 0; row < count; row++) Assert.Equal(BitConverter.SingleToInt32Bits(head.Probability(rows.AsSpan(row * width, width))), BitConverter.SingleToInt32Bits(many[row]));
            }
    }
}
