using System.Text;
using Recs.Domain;

namespace Recs.Pipelines.Bench.Recipes;

/// <summary>
/// Weights out of integer arithmetic: SplitMix64 (Steele, Lea, Flood 2014) gives number i of a stream without the ones before, so that
/// any language makes the same bytes and any thread any block.
/// </summary>
internal static class RecipeNumbers
{
    /// <summary>Standard deviation of the sum of four uniform 16-bit numbers; the recipe rounds it down.</summary>
    private const double SumDeviation = 37837.0;

    /// <summary>Mean of the sum of four uniform 16-bit numbers.</summary>
    private const long SumMean = 131_070;

    /// <summary>FNV-1a, 64 bits, over the UTF-8 bytes of the tensor's name.</summary>
    public static ulong SeedOf(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in Encoding.UTF8.GetBytes(name)) hash = unchecked((hash ^ letter) * 0x100000001B3);
        return hash;
    }

    /// <summary>Elements <paramref name="first"/> .. as bf16 bits.</summary>
    /// <param name="tensor">What they belong to.</param>
    /// <param name="first">0-based, row-major.</param>
    /// <param name="to">Filled whole.</param>
    public static void Fill(RecipeTensor tensor, long first, Span<ushort> to)
    {
        var (mean, scale) = (tensor.Mean, tensor.Deviation / SumDeviation);
        var state = unchecked(SeedOf(tensor.Name) + (ulong)first * SplitMix.Step);
        for (var i = 0; i < to.Length; i++)
        {
            state = unchecked(state + SplitMix.Step);
            var sum = SumOfFields(SplitMix.Mix(state)) - SumMean;
            // In float64, one product and one sum: a fused multiply-add would round otherwise.
            var product = sum * scale;
            to[i] = ToBFloat16((float)(mean + product));
        }
    }

    private static long SumOfFields(ulong z) => (long)((z & 0xFFFF) + (z >> 16 & 0xFFFF) + (z >> 32 & 0xFFFF) + (z >> 48));

    /// <summary>To the nearest, ties to the even one.</summary>
    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }
}
