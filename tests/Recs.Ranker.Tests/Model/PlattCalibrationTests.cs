using Recs.Ranker.Model;

namespace Recs.Ranker.Tests.Model;

public sealed class PlattCalibrationTests
{
    [Theory]
    [InlineData(1.0, 0.0)]
    [InlineData(2.5, -3.0)]
    [InlineData(0.4, 1.5)]
    public void Fit_SyntheticScores_RecoversSlopeAndIntercept(double slope, double intercept)
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 200_000).Select(_ => random.NextDouble() * 6 - 3).ToArray();
        var labels = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-(slope * score + intercept)))).ToArray();
        var fitted = PlattCalibration.Fit(scores, labels);
        Assert.Equal(slope, fitted.Slope, 0.05 * slope + 0.01);
        Assert.Equal(intercept, fitted.Intercept, 0.05);
    }

    [Fact]
    public void Fit_OtherScaleOfTheScores_GivesTheSameProbabilities()
    {
        var random = new Random(2);
        var scores = Enumerable.Range(0, 5_000).Select(_ => random.NextDouble() * 4 - 2).ToArray();
        var labels = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-score))).ToArray();
        var one = PlattCalibration.Fit(scores, labels);
        var other = PlattCalibration.Fit([.. scores.Select(score => score * 100 + 7)], labels);
        foreach (var score in scores.Take(100)) Assert.Equal(one.Probability(score), other.Probability(score * 100 + 7), 1e-4);
    }

    [Fact]
    public void Fit_SeparatedClasses_StaysFiniteAndRising()
    {
        var scores = Enumerable.Range(0, 200).Select(i => i < 100 ? -5.0 - i : i - 95.0).ToArray();
        var fitted = PlattCalibration.Fit(scores, [.. scores.Select(score => score > 0)]);
        Assert.True(double.IsFinite(fitted.Slope) && double.IsFinite(fitted.Intercept) && fitted.Slope > 0);
        Assert.True(fitted.Probability(100) > 0.95 && fitted.Probability(-100) < 0.05);
    }

    [Fact]
    public void Fit_MeanOfProbabilities_IsTheShareOfPositives()
    {
        // The score equation of the intercept, up to the smoothed targets.
        var random = new Random(3);
        var scores = Enumerable.Range(0, 10_000).Select(_ => random.NextDouble() * 8 - 5).ToArray();
        var labels = scores.Select(score => random.NextDouble() < Math.Clamp(score / 4 + 0.4, 0.02, 0.98)).ToArray();
        var fitted = PlattCalibration.Fit(scores, labels);
        Assert.Equal(labels.Average(label => label ? 1 : 0), scores.Average(score => fitted.Probability(score)), 1e-3);
    }

    [Fact]
    public void Probability_RisingScore_RisesWithin0And1()
    {
        var calibration = new PlattCalibration(1.3, -0.4);
        var last = 0f;
        for (var score = -10.0; score <= 10; score += 0.01)
        {
            var probability = calibration.Probability(score);
            Assert.True(probability >= last && probability is > 0 and < 1.0000001f);
            last = probability;
        }
        Assert.Equal(0.5f, new PlattCalibration(2, -1).Probability(0.5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_OneClass_IsRefused(bool label) =>
        Assert.Throws<ArgumentException>(() => PlattCalibration.Fit([1, 2, 3], [label, label, label]));
}
