namespace Recs.Domain.Tests;

public sealed class SplitMixTests
{
    // The first outputs of the reference implementation (Vigna, splitmix64.c) seeded with 1234567.
    [Fact]
    public void Mix_SteppedFromASeed_GivesThePublishedSequence()
    {
        ulong state = 1_234_567;
        Assert.Equal([6_457_827_717_110_365_317UL, 3_203_168_211_198_807_973UL, 9_817_491_932_198_370_423UL], Enumerable.Range(0, 3).Select(_ => SplitMix.Mix(state = unchecked(state + SplitMix.Step))));
    }

    [Fact]
    public void Unit_Extremes_StayBelowOne()
    {
        Assert.Equal(0, SplitMix.Unit(0));
        Assert.Equal(1 - Math.Pow(2, -53), SplitMix.Unit(ulong.MaxValue));
    }
}
