using Recs.Pipelines.Bench;

namespace Recs.Pipelines.Tests.Bench;

public sealed class FmaPeakTests
{
    [Fact]
    public void Run_AnyRounds_EveryAccumulatorTendsToOne()
    {
        // Each number of each of the twelve accumulators becomes 1: all were computed, none was left out.
        Assert.Equal(12f * FmaKernel.VectorBits / 32, FmaKernel.Run(100));
        Assert.Equal(0f, FmaKernel.Run(0));
        Assert.Equal(12f * FmaKernel.VectorBits / 32 / 2, FmaKernel.Run(1));
    }

    [Fact]
    public void Measure_TwoThreads_CountsBothAndKeepsTheBest()
    {
        var peak = new FmaPeak(2, TimeProvider.System);
        var measured = new[] { peak.Measure(), peak.Measure() };
        Assert.Equal(measured, peak.FlopsPerSecond);
        Assert.Equal(measured.Max(), peak.Best);
        Assert.True(peak.Best > 0);
    }

    [Theory]
    [InlineData(new[] { 3.0 }, 3)]
    [InlineData(new[] { 9.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 100, 2 }, 3)]
    public void Median_OfValues_IsTheMiddle(double[] values, double expected) => Assert.Equal(expected, Median.Of(values));
}
