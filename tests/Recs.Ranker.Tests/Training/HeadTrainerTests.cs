using Microsoft.ML;
using Microsoft.ML.Data;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using RankingMetrics = Recs.Ranker.Evaluation.RankingMetrics;

namespace Recs.Ranker.Tests.Training;

public sealed class HeadTrainerTests
{
    [Theory]
    [InlineData(1, false, Learner.LightGbm)]
    [InlineData(2, true, Learner.LightGbm)]
    [InlineData(1, false, Learner.FastTree)]
    [InlineData(2, true, Learner.FastTree)]
    public void Train_FlattenedForest_EqualsMlNetOnEveryRow(int seed, bool someColumns, Learner learner)
    {
        NeedLearner(learner);
        var set = Synthetic.Rows(seed);
        var columns = someColumns ? new[] { 40, 0, 3, 1 } : null;
        var trained = Synthetic.Head(set, columns: columns, learner: learner);
        Assert.InRange(trained.Head.Trees, 5, 26);
        var context = new MLContext(1);
        var scores = trained.Transformer.Transform(new RowView(set, 0, set.Rows, columns).Load(context)).GetColumn<float>("Score").ToArray();
        Assert.Equal(set.Rows, scores.Length);
        var distinct = new HashSet<float>(scores);
        Assert.True(distinct.Count > 50);
        for (var row = 0; row < set.Rows; row++)
        {
            // ML.NET adds doubles in the order of the trees and rounds once: so do we, to the same bits.
            Assert.Equal(BitConverter.SingleToInt32Bits(scores[row]), BitConverter.SingleToInt32Bits((float)trained.Head.Score(set.Row(row))));
        }
    }

    [Fact]
    public void Train_LearnableRows_LearnsAndCalibrates()
    {
        var set = Synthetic.Rows(3, 6_000);
        var head = Synthetic.Head(set).Head;
        var fresh = Synthetic.Rows(4, 3_000);
        var probabilities = Enumerable.Range(0, fresh.Rows).Select(row => head.Probability(fresh.Row(row))).ToArray();
        Assert.True(RankingMetrics.Auc(probabilities, fresh.Labels) > 0.8);
        Assert.InRange(RankingMetrics.CalibrationError(probabilities, fresh.Labels), 0, 0.06);
        Assert.Equal(fresh.Labels.Average(label => label ? 1 : 0), probabilities.Average(), 0.03);
    }

    [Fact]
    public void Train_Twice_GivesTheSameVersion()
    {
        using var folder = new TemporaryFolder();
        var one = RankerModel.Save(folder.Path("one"), [Synthetic.Head(Synthetic.Rows(5))], "v1");
        var two = RankerModel.Save(folder.Path("two"), [Synthetic.Head(Synthetic.Rows(5))], "v1");
        var other = RankerModel.Save(folder.Path("other"), [Synthetic.Head(Synthetic.Rows(6))], "v1");
        var otherVectors = RankerModel.Save(folder.Path("vectors"), [Synthetic.Head(Synthetic.Rows(5))], "v2");
        Assert.Equal(one.Version, two.Version);
        Assert.Equal(3, new[] { one.Version, other.Version, otherVectors.Version }.Distinct().Count());
    }

    [Fact]
    public void Train_WithFastTree_LearnsTheSameTwiceAndIsKept()
    {
        using var folder = new TemporaryFolder();
        var set = Synthetic.Rows(3, 6_000);
        var one = RankerModel.Save(folder.Path("one"), [Synthetic.Head(set, learner: Learner.FastTree)], "v1");
        var two = RankerModel.Save(folder.Path("two"), [Synthetic.Head(set, learner: Learner.FastTree)], "v1");
        Assert.Equal(one.Version, two.Version);
        var read = RankerModel.Load(folder.Path("one")).Heads[0];
        var fresh = Synthetic.Rows(4, 3_000);
        var probabilities = Enumerable.Range(0, fresh.Rows).Select(row => read.Probability(fresh.Row(row))).ToArray();
        Assert.Equal(probabilities, Enumerable.Range(0, fresh.Rows).Select(row => two.Heads[0].Probability(fresh.Row(row))));
        Assert.True(RankingMetrics.Auc(probabilities, fresh.Labels) > 0.8);
    }

    private static void NeedLearner(Learner learner) => Recs.Tests.Requirements.Need("openmp",
        learner != Learner.LightGbm || Learners.Best == Learner.LightGbm, Learners.WhyNotLightGbm ?? "");

    [Theory]
    [InlineData(true, "training")]
    [InlineData(false, "validation")]
    public void Train_OneClass_IsRefused(bool inTraining, string part)
    {
        var set = Synthetic.Rows(7, 900);
        set.Labels.AsSpan(inTraining ? 0 : 600, inTraining ? 600 : 300).Clear();
        var refused = Assert.Throws<RefusedException>(() => Synthetic.Head(set));
        Assert.Contains($"the {part} rows", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NoRows_IsRefused() =>
        Assert.Throws<RefusedException>(() => HeadTrainer.Train(Synthetic.Rows(8, 10), ..0, 0.., InteractionType.Click, null, Synthetic.Quick));
}
