using Recs.Pipelines.Check;

namespace Recs.Pipelines.Tests.Check;

public sealed class TrainingChecksTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Psi_SameDistribution_IsSmallAndAShiftIsLarge(int seed)
    {
        var random = new Random(seed);
        float[] Draw(float mean) => [.. Enumerable.Range(0, 20_000).Select(_ => mean + random.NextSingle() + random.NextSingle())];
        var sorted = Draw(0).Order().ToArray();
        Assert.InRange(TrainingChecks.Psi(sorted, Draw(0)), 0, 0.005);
        Assert.InRange(TrainingChecks.Psi(sorted, Draw(0.5f)), TrainingChecks.MovedPsi, 10);
    }

    [Fact]
    public void Psi_TwoValues_IsTheFormula()
    {
        float[] sorted = [.. new float[80], .. Enumerable.Repeat(1f, 20)];
        float[] later = [.. new float[50], .. Enumerable.Repeat(1f, 50)];
        Assert.Equal((0.5 - 0.8) * Math.Log(0.5 / 0.8) + (0.5 - 0.2) * Math.Log(0.5 / 0.2), TrainingChecks.Psi(sorted, later), 9);
    }
}
