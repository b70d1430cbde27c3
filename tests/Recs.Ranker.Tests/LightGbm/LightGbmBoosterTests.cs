using Recs.Ranker.LightGbm;
using Recs.Ranker.Model;
using Recs.Ranker.Tests.Model.Forest;
using Recs.Ranker.Training;

namespace Recs.Ranker.Tests.LightGbm;

public sealed class LightGbmBoosterTests
{
    [Theory]
    [InlineData(1, 30, 31, 8)]
    [InlineData(2, 10, 100, 3)]
    [InlineData(3, 5, 1, 2)]
    public void Predict_ForestHandedOver_IsTheSame(int seed, int trees, int leaves, int width)
    {
        Assert.SkipWhen(LightGbmBooster.WhyNot is not null, LightGbmBooster.WhyNot ?? "");
        var forest = new RegressionForest(RandomForest.Trees(seed, trees, leaves, width, 200));
        using var booster = LightGbmBooster.Load(forest, width);
        var rows = ForestSample.Rows(300, width, seed);
        var scores = new double[300];
        booster.Predict(rows, scores);
        for (var row = 0; row < 300; row++)
        {
            Assert.Equal(forest.Walk(rows.AsSpan(row * width, width)), scores[row], 1e-12);
            Assert.Equal(scores[row], booster.PredictOne(rows.AsSpan(row * width, width)));
        }
    }

    [Theory]
    [InlineData(Learner.LightGbm)]
    [InlineData(Learner.FastTree)]
    public void Grow_Sample_HasMlNetsBitsOnEveryRow(Learner learner)
    {
        Assert.SkipWhen(learner == Learner.LightGbm && LightGbmBooster.WhyNot is not null, LightGbmBooster.WhyNot ?? "");
        var sample = ForestSample.Grow(60, 31, 12, 3_000, 5, learner);
        Assert.InRange(sample.Forest.Trees, 50, 61);
        var rows = ForestSample.Rows(1_000, 12, 6);
        var theirs = sample.MlNet(rows);
        var scores = new double[1_000];
        sample.Forest.Score(rows, 12, scores);
        Assert.True(theirs.Distinct().Count() > 900);
        for (var row = 0; row < 1_000; row++) Assert.Equal(BitConverter.SingleToInt32Bits(theirs[row]), BitConverter.SingleToInt32Bits((float)scores[row]));
    }
}
