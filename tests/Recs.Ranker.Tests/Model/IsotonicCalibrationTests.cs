using Recs.Ranker.Model;

namespace Recs.Ranker.Tests.Model;

public sealed class IsotonicCalibrationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fit_AnyRows_NeverFallsAndKeepsTheMeanNearly(int seed)
    {
        var random = new Random(seed);
        var scores = Enumerable.Range(0, 4_000).Select(_ => Math.Round(random.NextDouble() * 6 - 3, 2)).ToArray();
        // A bent curve that no line of log-odds fits.
        var labels = scores.Select(score => random.NextDouble() < (score < 0 ? 0.1 : 0.6)).ToArray();
        var fit = IsotonicCalibration.Fit(scores, labels);
        var sorted = scores.Order().Select(fit.Probability).ToArray();
        for (var i = 1; i < sorted.Length; i++) Assert.True(sorted[i] >= sorted[i - 1]);
        Assert.Equal(labels.Average(label => label ? 1.0 : 0), scores.Average(score => fit.Probability(score)), 0.01);
        Assert.InRange(fit.Probability(-2), 0.05f, 0.15f);
        Assert.InRange(fit.Probability(2), 0.55f, 0.65f);
        Assert.InRange(fit.Probability(-100), 1e-6f, 0.2f);
        var kept = Calibrations.Parse(fit.Kind, fit.Numbers);
        Assert.Equal(scores.Select(fit.Probability), scores.Select(kept.Probability));
    }

    [Fact]
    public void Fit_OneClass_Throws() => Assert.Throws<ArgumentException>(() => IsotonicCalibration.Fit([1, 2], [true, true]));

    [Theory]
    [InlineData("isotonic", new double[] { 1, 0, .1, .2 })]
    [InlineData("isotonic", new double[] { 0, 1, .2, .1 })]
    [InlineData("isotonic", new double[] { 0, 1, .2 })]
    [InlineData("platt", new double[] { 1 })]
    [InlineData("beta", new double[] { 1, 2 })]
    public void Parse_WrongNumbers_IsInvalid(string kind, double[] numbers) => Assert.Throws<InvalidDataException>(() => Calibrations.Parse(kind, numbers));
}
