using System.Runtime.Intrinsics;

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

    /// <summary>Replaces each number of half-lives by its <see cref="Weight(double)"/>, bit for bit, four at a time.</summary>
    /// <param name="values">Half-lives in, weights out.</param>
    public static void Weigh(Span<double> values)
    {
        var i = 0;
        for (; i <= values.Length - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            var four = values.Slice(i, Vector256<double>.Count);
            Weigh(Vector256.Create<double>(four)).CopyTo(four);
        }
        for (; i < values.Length; i++) values[i] = Weight(values[i]);
    }

    /// <summary>The same operations in the same order as for one number: none is fused, each rounds alike.</summary>
    private static Vector256<double> Weigh(Vector256<double> halfLives)
    {
        var isPassed = Vector256.GreaterThan(halfLives, Vector256<double>.Zero);
        var isOver = Vector256.GreaterThanOrEqual(halfLives, Vector256.Create(1_000.0));
        var inRange = Vector256.ConditionalSelect(Vector256.AndNot(isPassed, isOver), halfLives, Vector256<double>.Zero);
        var scale = Vector256.Floor(inRange);
        var rest = inRange - scale;
        var carry = Vector256.GreaterThan(rest, Vector256.Create(0.5)) & Vector256<double>.One;
        rest -= carry;
        scale += carry;
        var y = -rest * Vector256.Create(Ln2);
        var series = Vector256.Create(1.0 / 362_880);
        foreach (var coefficient in (ReadOnlySpan<double>)[1.0 / 40_320, 1.0 / 5_040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1])
            series = Vector256.Create(coefficient) + y * series;
        // A whole number below 2^52 shows its binary digits when 2^52 is added: the exponent without a conversion AVX2 lacks.
        var digits = (scale + Vector256.Create(4_503_599_627_370_496.0)).AsInt64() & Vector256.Create(0xFFFFL);
        var power = ((Vector256.Create(1_023L) - digits) << 52).AsDouble();
        var weight = Vector256.ConditionalSelect(isPassed, series * power, Vector256<double>.One);
        return Vector256.ConditionalSelect(isOver, Vector256<double>.Zero, weight);
    }
}
