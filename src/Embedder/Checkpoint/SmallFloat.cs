using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Checkpoint;

/// <summary>Integer arithmetic on the bits of floats shorter than float32.</summary>
internal static unsafe class SmallFloat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> LoadSixteenBits(byte* from)
    {
        var shorts = Vector128.Load((ushort*)from);
        return Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts));
    }

    /// <summary>
    /// float32 bits of finite magnitudes. A subnormal m is read as the normal number (1 + m) · 2^(1 − bias), from which 2^(1 − bias) is
    /// subtracted: exact, and no float32 subnormal ever enters the arithmetic.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Widen(Vector256<uint> magnitude, int mantissaBits, int bias)
    {
        var shifted = magnitude << (23 - mantissaBits);
        var normal = shifted + Vector256.Create((uint)(127 - bias) << 23);
        var least = Vector256.Create((uint)(128 - bias) << 23);
        var subnormal = ((shifted | least).AsSingle() - least.AsSingle()).AsUInt32();
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(1u << mantissaBits)), subnormal, normal);
    }
}
