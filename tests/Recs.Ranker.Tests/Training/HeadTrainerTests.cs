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
        var scores = trained.Parts[0].Transformer.Transform(new RowView(LabelledRows.Of(set), 0, set.Rows, columns).Load(context)).GetColumn<float>("Score").ToArray();
        Assert.Equal(set.Rows, scores.Length);
        var distinct = new HashSet<float>(scores);
        Assert.True(distinct.Count > 50);
        for (var row = 0; row < set.Rows; row++)
        {
            // ML.NET adds doubles in the order of the trees and rounds once: so do we, to the same bits.
            Assert.Equal(BitConverter.SingleToInt32Bits(scores[row]), BitConverter.SingleToInt32Bits((float)trained.Head.Score(set.Row(row))));
        }
    }

    [Theory]
    [InlineData(Learner.Logistic, 1)]
    [InlineData(Learner.Logistic, 2)]
    [InlineData(Learner.Ffm, 1)]
    [InlineData(Learner.Ffm, 3)]
    [InlineData(Learner.LambdaMart, 1)]
    public void Train_OtherLearners_ScoreAsMlNetOnEveryRowAndAreKept(Learner learner, int seed)
    {
        NeedLearner(learner);
        using var folder = new TemporaryFolder();
        var set = Synthetic.Rows(seed);
        int[] columns = [40, 0, 3, 1, 7, 8, 9];
        var rows = Listed(set);
        var options = Synthetic.Quick with { Learner = learner, Fields = [.. Enumerable.Range(0, set.Width).Select(column => column % 3)] };
        var trained = HeadTrainer.Train(rows, ..2_000, 2_000.., InteractionType.Click, columns, options) with { Schema = set.Schema };

        var fields = learner == Learner.Ffm ? trained.Columns!.GroupBy(column => column % 3).OrderBy(field => field.Key).Select(field => field.Count()).ToArray() : null;
        var view = new RowView(rows, 0, rows.Rows, trained.Columns, fields).Load(new MLContext(1));
        var scores = trained.Parts[0].Transformer.Transform(view).GetColumn<float>("Score").ToArray();
        Assert.True(scores.Distinct().Count() > 10, $"{scores.Distinct().Count()} scores, {trained.Head.Trees} trees");
        RankerModel.Save(folder.Path("model"), [trained], "none");
        var kept = RankerModel.Load(folder.Path("model")).Heads[0];
        for (var row = 0; row < set.Rows; row++)
        {
            var ours = trained.Head.Score(set.Row(row));
            Assert.True(Math.Abs(ours - scores[row]) <= 2e-5 * Math.Max(1, Math.Abs(scores[row])), $"row {row}: {ours} instead of {scores[row]}");
            Assert.Equal(trained.Head.Probability(set.Row(row)), kept.Probability(set.Row(row)));
        }
        Assert.True(RankingMetrics.Auc([.. Enumerable.Range(2_000, 1_000).Select(row => kept.Probability(set.Row(row)))], set.Labels.AsSpan(2_000)) > 0.75);
        Assert.Equal(learner == Learner.Ffm ? 0 : 1, trained.Importance.Sum(), 6);
    }

    [Fact]
    public void Train_Blend_IsTheMeanOfItsPartsAndIsKept()
    {
        using var folder = new TemporaryFolder();
        var set = Synthetic.Rows(4);
        var trained = Synthetic.Head(set, options: Synthetic.Quick with { BlendSeeds = 2 }, learner: Learner.Blend);
        Assert.Equal([.25, .25, .5], trained.Parts.Select(part => part.Weight));
        RankerModel.Save(folder.Path("model"), [trained], "none");
        var kept = RankerModel.Load(folder.Path("model")).Heads[0];
        var view = new RowView(LabelledRows.Of(set), 0, set.Rows, null).Load(new MLContext(1));
        var parts = trained.Parts.Select(part => part.Transformer.Transform(view).GetColumn<float>("Score").ToArray()).ToArray();
        for (var row = 0; row < set.Rows; row++)
        {
            var expected = trained.Parts.Select((part, at) => part.Weight * (part.Line.Slope * parts[at][row] + part.Line.Intercept)).Sum();
            Assert.Equal(expected, trained.Head.Score(set.Row(row)), 1e-5 * Math.Max(1, Math.Abs(expected)));
            Assert.Equal(trained.Head.Probability(set.Row(row)), kept.Probability(set.Row(row)));
        }
        Assert.Equal(["head-click-1.zip", "head-click-2.zip", "head-click-3.zip", "model.json"], Directory.GetFiles(folder.Path("model")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Train_Amounts_PredictsTheMeanAndIsKept()
    {
        NeedLearner(Learner.LightGbm);
        using var folder = new TemporaryFolder();
        var set = Synthetic.Rows(5);
        var random = new Random(5);
        var rows = new LabelledRows(set.Width, set.Features, set.Labels) { Amounts = [.. Enumerable.Range(0, set.Rows).Select(row => (set.Row(row)[0] > 0 ? 20f : 5) + random.Next(3))] };
        var trained = HeadTrainer.Train(rows, ..2_000, 2_000.., InteractionType.Dwell, null, Synthetic.Quick) with { Schema = set.Schema };
        Assert.True(trained.Head.IsAmount);
        RankerModel.Save(folder.Path("model"), [trained], "none");
        var kept = RankerModel.Load(folder.Path("model")).Heads[0];
        Assert.True(kept.IsAmount);
        var error = Enumerable.Range(2_000, 1_000).Average(row => Math.Abs(kept.Probability(set.Row(row)) - rows.Amounts[row]));
        Assert.InRange(error, 0, 1.5);
        Assert.Contains("not by Logistic", Assert.Throws<RefusedException>(() => HeadTrainer.Train(rows, ..2_000, 2_000.., InteractionType.Dwell, null, Synthetic.Quick with { Learner = Learner.Logistic })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Learner.LightGbm)]
    [InlineData(Learner.Logistic)]
    public void Train_Weights_MoveTheMean(Learner learner)
    {
        NeedLearner(learner);
        var set = Synthetic.Rows(6);
        var light = new LabelledRows(set.Width, set.Features, set.Labels) { Weights = [.. set.Labels.Select(label => label ? 4f : 1)] };
        var plain = HeadTrainer.Train(LabelledRows.Of(set), ..2_000, 2_000.., InteractionType.Click, null, Synthetic.Quick with { Learner = learner });
        var weighted = HeadTrainer.Train(light, ..2_000, 2_000.., InteractionType.Click, null, Synthetic.Quick with { Learner = learner });
        Assert.True(Enumerable.Range(0, 500).Average(row => weighted.Head.Score(set.Row(row))) > Enumerable.Range(0, 500).Average(row => plain.Head.Score(set.Row(row))) + 0.5);
    }

    [Fact]
    public void Train_CalibrationShare_StopsAndCalibratesOnDifferentRows()
    {
        var set = Synthetic.Rows(9);
        // The latest rows tell another story about how often the action follows: only calibration may see it.
        for (var row = 2_500; row < 3_000; row++) set.Labels[row] &= row % 3 == 0;
        var late = Synthetic.Head(set, options: Synthetic.Quick with { CalibrationShare = 0.5 });
        var mean = Enumerable.Range(2_500, 500).Average(row => late.Head.Probability(set.Row(row)));
        Assert.Equal(set.Labels.Skip(2_500).Average(label => label ? 1.0 : 0), mean, 0.02);
        set.Labels.AsSpan(2_500).Clear();
        Assert.Contains("the calibration rows", Assert.Throws<RefusedException>(() => Synthetic.Head(set, options: Synthetic.Quick with { CalibrationShare = 0.5 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_LambdaMartWithoutLists_IsRefused() =>
        Assert.Contains("stand in no lists", Assert.Throws<RefusedException>(() => Synthetic.Head(Synthetic.Rows(8), learner: Learner.LambdaMart)).Message, StringComparison.Ordinal);

    [Fact]
    public void Train_LambdaMartOnManyRows_ReadsTheListsOfTheStoppingRows()
    {
        NeedLearner(Learner.LambdaMart);
        // More stopping rows than LightGBM takes in one list.
        var set = Synthetic.Rows(12, 16_000);
        var rows = new LabelledRows(set.Width, set.Features, set.Labels) { Lists = [.. Enumerable.Range(0, set.Rows).Select(row => row / 20)] };
        var head = HeadTrainer.Train(rows, ..4_000, 4_000.., InteractionType.Click, null, Synthetic.Quick with { Learner = Learner.LambdaMart }).Head;
        Assert.True(RankingMetrics.Auc([.. Enumerable.Range(4_000, 12_000).Select(row => head.Probability(set.Row(row)))], set.Labels.AsSpan(4_000)) > 0.75);
    }

    private static LabelledRows Listed(TrainingSet set) => new(set.Width, set.Features, set.Labels) { Lists = [.. Enumerable.Range(0, set.Rows).Select(row => row * 7 % 100)] };

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
