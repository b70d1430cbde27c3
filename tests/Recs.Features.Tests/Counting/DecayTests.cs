using Recs.Features.Counting;

namespace Recs.Features.Tests.Counting;

public sealed class DecayTests
{
    [Fact]
    public void Weight_RandomAges_EqualsPowWithinOneInABillion()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var age = Math.Pow(10, random.NextDouble() * 9 - 6); // a millionth to a thousand half-lives
            if (age >= 1_000) continue;
            var expected = Math.Pow(2, -age);
            Assert.InRange(Decay.Weight(age), expected * (1 - 1e-9), expected * (1 + 1e-9));
        }
    }

    [Fact]
    public void Weigh_ManyAtOnce_SameBitsAsOneByOne()
    {
        var random = new Random(2);
        double[] ages =
        [
            0, -0.0, -1, double.NaN, 0.5, 1, 1.5, 999, 999.5, 999.9999, 1_000, 1e300, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon,
            .. Enumerable.Range(0, 50_000).Select(_ => Math.Pow(10, random.NextDouble() * 9 - 6)),
        ];
        var weights = ages.ToArray();
        Decay.Weigh(weights);
        for (var i = 0; i < ages.Length; i++) Assert.Equal(BitConverter.DoubleToInt64Bits(Decay.Weight(ages[i])), BitConverter.DoubleToInt64Bits(weights[i]));
    }

    [Fact]
    public void Weight_WholeHalfLives_IsExact()
    {
        for (var n = 0; n < 1_000; n++) Assert.Equal(Math.ScaleB(1, -n), Decay.Weight(n));
    }

    [Fact]
    public void Weight_GrowingAge_NeverRises()
    {
        var last = 1.0;
        for (var step = 0; step <= 200_000; step++)
        {
            var weight = Decay.Weight(step / 4_096.0);
            Assert.True(weight <= last, $"at {step / 4_096.0}: {weight} after {last}");
            last = weight;
        }
    }

    [Fact]
    public void Weight_AroundEachHalf_NeverRises()
    {
        // At x.5 the series changes sides; the two neighbours of every seam are the closest call.
        for (var n = 0; n < 999; n++)
        {
            var seam = n + 0.5;
            Assert.True(Decay.Weight(Math.BitIncrement(seam)) <= Decay.Weight(seam) * (1 + 1e-11));
            Assert.True(Decay.Weight(seam) <= Decay.Weight(Math.BitDecrement(seam)));
        }
    }

    [Theory]
    [InlineData(-3, 1)]
    [InlineData(0, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(double.NegativeInfinity, 1)]
    [InlineData(1_000, 0)]
    [InlineData(double.PositiveInfinity, 0)]
    public void Weight_OutsideTheRange_IsOneOrNothing(double age, double expected) => Assert.Equal(expected, Decay.Weight(age));
}
