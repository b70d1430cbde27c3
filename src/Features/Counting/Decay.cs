namespace Recs.Features.Counting;

/// <summary>
/// 2^(−x) by additions and multiplications alone, so that the bits are the same on every machine: the C library's
/// <c>pow</c> differs from platform to platform in the last place, and features must not.
/// </summary>
public static class Decay
{
    private const double Ln2 = 0.69314718055994530942;

    /// <summary>2^(−<paramref name="halfLives"/>), relative error below 1e-9; 1 for zero and below, 0 from 1,000 on.</summary>
    /// <param name="halfLives">How many half-lives have passed.</param>
    public static double Weight(double halfLives)
    {
        if (!(halfLives > 0)) return 1;
        if (halfLives >= 1_000) return 0;
        var whole = (int)halfLives;
        // e^y by its Taylor series for y in (−ln 2 / 2, ln 2 / 2]: cut after y^9, the remainder is below 1e-11.
        var rest = halfLives - whole;
        var scale = whole;
        if (rest > 0.5)
        {
            rest -= 1;
            scale++;
        }
        var y = -rest * Ln2;
        var series = 1 + y * (1 + y * (1.0 / 2 + y * (1.0 / 6 + y * (1.0 / 24 + y * (1.0 / 120
            + y * (1.0 / 720 + y * (1.0 / 5_040 + y * (1.0 / 40_320 + y * (1.0 / 362_880)))))))));
        return series * BitConverter.Int64BitsToDouble((1023L - scale) << 52);
    }
}
