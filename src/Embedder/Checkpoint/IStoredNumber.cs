using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Checkpoint;

/// <summary>A number format of stored weights, widened eight at a time. Every one of these widenings is exact.</summary>
internal unsafe interface IStoredNumber
{
    static abstract int Bytes { get; }

    static abstract Vector256<float> LoadEight(byte* from);
}

internal readonly unsafe struct StoredFloat32 : IStoredNumber
{
    public static int Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from) => Vector256.Load((float*)from);
}

/// <summary>The upper half of a float32.</summary>
internal readonly unsafe struct StoredBFloat16 : IStoredNumber
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from) => (SmallFloat.LoadSixteenBits(from) << 16).AsSingle();
}

/// <summary>IEEE half: 5 exponent and 10 mantissa bits.</summary>
internal readonly unsafe struct StoredFloat16 : IStoredNumber
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from)
    {
        var bits = SmallFloat.LoadSixteenBits(from);
        var magnitude = bits & Vector256.Create(0x7FFFu);
        var finite = SmallFloat.Widen(magnitude, mantissaBits: 10, bias: 15);
        var special = (magnitude << 13) | Vector256.Create(0x7F800000u);
        var value = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x7C00u)), special, finite);
        return (value | ((bits & Vector256.Create(0x8000u)) << 16)).AsSingle();
    }
}

/// <summary>OCP E4M3: 4 exponent bits of bias 7, 3 mantissa bits, S.1111.111 is NaN, no infinity.</summary>
internal readonly unsafe struct StoredE4M3 : IStoredNumber
{
    public static int Bytes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from)
    {
        var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(from)).AsByte());
        var bits = Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts));
        var magnitude = bits & Vector256.Create(0x7Fu);
        var finite = SmallFloat.Widen(magnitude, mantissaBits: 3, bias: 7);
        var value = Vector256.ConditionalSelect(Vector256.Equals(magnitude, Vector256.Create(0x7Fu)), Vector256.Create(0x7FC00000u), finite);
        return (value | ((bits & Vector256.Create(0x80u)) << 24)).AsSingle();
    }
}
