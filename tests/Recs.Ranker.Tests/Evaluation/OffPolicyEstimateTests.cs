using Recs.Ranker.Evaluation;

namespace Recs.Ranker.Tests.Evaluation;

public sealed class OffPolicyEstimateTests
{
    [Fact]
    public void Of_TwoRows_IsTheArithmetic()
    {
        var estimate = OffPolicyEstimate.Of([new(1, 0.5, 0.25, 0.4, 0.3), new(0, 0.25, 0.75, 0.2, 0.5)]);
        Assert.Equal(0.25, estimate.Ips, 12); // weights .5 and 3
        Assert.Equal(0.5 / 3.5, estimate.Snips, 12);
        Assert.Equal(0.4, estimate.DirectMethod, 12);
        Assert.Equal(0.4 + (0.5 * 0.6 - 3 * 0.2) / 2, estimate.DoublyRobust, 12);
        Assert.Equal(3.5 * 3.5 / 9.25, estimate.EffectiveSampleSize, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_SamePolicy_IsTheMeanReward(int seed)
    {
        var random = new Random(seed);
        OffPolicyRow[] rows = [.. Enumerable.Range(0, 500).Select(_ => { var p = 0.1 + random.NextDouble() / 2; return new OffPolicyRow(random.Next(2), p, p, 0, 0); })];
        var estimate = OffPolicyEstimate.Of(rows);
        var mean = rows.Average(row => row.Reward);
        Assert.Equal((mean, mean, mean), (Math.Round(estimate.Ips, 12), Math.Round(estimate.Snips, 12), Math.Round(estimate.DoublyRobust, 12)));
        Assert.Equal(500, estimate.EffectiveSampleSize, 6);
    }

    [Fact]
    public void Of_NoRowsOrNoPropensity_Throws()
    {
        Assert.Throws<ArgumentException>(() => OffPolicyEstimate.Of([]));
        Assert.Throws<ArgumentException>(() => OffPolicyEstimate.Of([new(1, 0, 1, 0, 0)]));
    }
}
