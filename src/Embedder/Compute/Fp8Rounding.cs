namespace Recs.Embedder.Compute;

/// <summary>
/// Rows as FP8 inputs: x → E4M3(x / a) with a = max|x| / 448, one a row, rounded to nearest even. Kept as float32: a product of two E4M3
/// numbers is exact there, and so, mostly, is a sum of them.
/// </summary>
internal static unsafe class Fp8Rounding
{
    /// <summary>The largest E4M3 number.</summary>
    private const float Largest = 448;

    /// <summary>Below this, 2^-6, E4M3 numbers are 2^-9 apart.</summary>
    private const float LeastNormal = 1f / 64;

    /// <summary>1.5 · 2^14: float32 numbers of this size are 2^-9 apart, so adding and subtracting it rounds to that grid.</summary>
    private const float SubnormalGrid = 24_576;

    /// <returns>a, with which the row's products are to be multiplied.</returns>
    public static float Round(float* x, float* to, int count)
    {
        var largest = 0f;
        for (var i = 0; i < count; i++) largest = MathF.Max(largest, MathF.Abs(x[i]));
        var scale = ScaleOf(largest);
        for (var i = 0; i < count; i++) to[i] = RoundE4M3(x[i] / scale);
        return scale;
    }

    /// <summary>What numbers of at most <paramref name="largest"/> are divided by before they are rounded.</summary>
    public static float ScaleOf(float largest) => largest == 0 ? 1 : largest / Largest;

    /// <summary>The byte of an E4M3 number.</summary>
    public static byte Encode(float number)
    {
        var bits = BitConverter.SingleToUInt32Bits(number);
        var sign = (bits >> 24) & 0x80;
        var size = MathF.Abs(number);
        // Below the least normal number the byte counts steps of 2^-9; above, exponents are biased by 7 rather than 127.
        return (byte)(sign | (size < LeastNormal ? (uint)(size * 512) : ((bits & 0x7FFFFFFF) >> 20) - (120 << 3)));
    }

    /// <summary>The nearest E4M3 number to a number of at most 448.</summary>
    public static float RoundE4M3(float value)
    {
        if (MathF.Abs(value) < LeastNormal) return value + SubnormalGrid - SubnormalGrid;
        // Keep 3 of 23 mantissa bits, ties to the even one; a carry into the exponent is the next power of two.
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFFFu + ((bits >> 20) & 1)) & 0xFFF00000u);
    }
}
