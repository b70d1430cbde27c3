using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute;

/// <summary>float32 to the nearest bf16 number, ties to even: the upper half of its bits. For finite numbers.</summary>
internal static unsafe class BFloat16Rounding
{
    /// <summary>Kept as float32. May run in place.</summary>
    public static void Round(float* from, float* to, nint count)
    {
        nint i = 0;
        for (; i <= count - 8; i += 8) (Rounded(Vector256.Load((uint*)(from + i))) & Vector256.Create(0xFFFF0000u)).Store((uint*)(to + i));
        for (; i < count; i++) to[i] = BitConverter.UInt32BitsToSingle(Rounded(BitConverter.SingleToUInt32Bits(from[i])) & 0xFFFF0000u);
    }

    /// <summary>As two bytes each. May run in place, from the front.</summary>
    public static void Narrow(float* from, ushort* to, nint count)
    {
        for (nint i = 0; i < count; i++) to[i] = (ushort)(Rounded(BitConverter.SingleToUInt32Bits(from[i])) >> 16);
    }

    private static Vector256<uint> Rounded(Vector256<uint> bits) => bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256.Create(1u));

    private static uint Rounded(uint bits) => bits + 0x7FFF + ((bits >> 16) & 1);
}
