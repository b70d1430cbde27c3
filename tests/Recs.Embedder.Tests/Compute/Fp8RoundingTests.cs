using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Tests.Compute;

public sealed unsafe class Fp8RoundingTests
{
    private static readonly float[] Numbers = AllNumbers();

    [Fact]
    public void RoundE4M3_AnyNumber_IsTheNearestOfTheFormat()
    {
        var random = new Random(8);
        for (var i = 0; i < 20_000; i++)
        {
            var value = (float)((random.NextDouble() * 2 - 1) * Math.Pow(2, random.Next(-12, 9)) * 0.875);
            var rounded = Fp8Rounding.RoundE4M3(value);
            Assert.Contains(rounded, Numbers);
            Assert.Equal(Numbers.Min(number => Math.Abs((double)number - value)), Math.Abs((double)rounded - value));
        }
    }

    [Theory]
    [InlineData(1.0625f, 1f)]       // half way between 1 and 1.125: the even one
    [InlineData(1.1875f, 1.25f)]
    [InlineData(0.0009765625f, 0f)] // half of the least subnormal
    [InlineData(0.0029296875f, 0.00390625f)]
    [InlineData(-464f + 16f, -448f)]
    public void RoundE4M3_Ties_GoToTheEvenNumber(float value, float expected) => Assert.Equal(expected, Fp8Rounding.RoundE4M3(value));

    [Fact]
    public void Round_RowOfZeros_StaysZero()
    {
        var x = new float[9];
        fixed (float* row = x) Fp8Rounding.Round(row, row, 9);
        Assert.All(x, value => Assert.Equal(0f, value));
    }

    private static float[] AllNumbers()
    {
        var codes = Enumerable.Range(0, 256).Select(code => (byte)code).ToArray();
        var numbers = new float[256];
        fixed (byte* from = codes) fixed (float* to = numbers) ElementWidening.Widen(ElementType.F8E4M3, from, to, 256);
        return [.. numbers.Where(float.IsFinite)];
    }
}
