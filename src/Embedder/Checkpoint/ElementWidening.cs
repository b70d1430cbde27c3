using System.Runtime.Intrinsics;

namespace Recs.Embedder.Checkpoint;

/// <summary>Stored numbers to float32, exactly, and the search for those that are not finite.</summary>
internal static unsafe class ElementWidening
{
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.F32 => 4,
        ElementType.BF16 or ElementType.F16 => 2,
        ElementType.F8E4M3 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no stored format"),
    };

    /// <summary>Widens <paramref name="count"/> elements.</summary>
    public static void Widen(ElementType type, byte* from, float* to, nint count)
    {
        switch (type)
        {
            case ElementType.F32: Widen<StoredFloat32>(from, to, count); break;
            case ElementType.BF16: Widen<StoredBFloat16>(from, to, count); break;
            case ElementType.F16: Widen<StoredFloat16>(from, to, count); break;
            case ElementType.F8E4M3: Widen<StoredE4M3>(from, to, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "no widening");
        }
    }

    /// <summary>The position of the first NaN or infinity among <paramref name="count"/> stored elements, or -1.</summary>
    public static nint FirstNotFinite(ElementType type, byte* from, nint count) => type switch
    {
        ElementType.F32 => FirstWithAll((uint*)from, 0x7F800000u, count),
        ElementType.BF16 => FirstWithAll((ushort*)from, (ushort)0x7F80, count),
        ElementType.F16 => FirstWithAll((ushort*)from, (ushort)0x7C00, count),
        ElementType.F8E4M3 => FirstWithAll(from, (byte)0x7F, count),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no stored format"),
    };

    private static void Widen<TStored>(byte* from, float* to, nint count) where TStored : struct, IStoredNumber
    {
        nint i = 0;
        for (; i <= count - 8; i += 8) TStored.LoadEight(from + i * TStored.Bytes).Store(to + i);
        if (i == count) return;
        // The tail through a buffer, so that nothing behind the last element is read.
        var bytes = stackalloc byte[8 * sizeof(float)];
        var floats = stackalloc float[8];
        new ReadOnlySpan<byte>(from + i * TStored.Bytes, (int)(count - i) * TStored.Bytes).CopyTo(new Span<byte>(bytes, 8 * sizeof(float)));
        TStored.LoadEight(bytes).Store(floats);
        for (var rest = 0; i + rest < count; rest++) to[i + rest] = floats[rest];
    }

    private static nint FirstWithAll<T>(T* from, T exponent, nint count) where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var mask = Vector256.Create(exponent);
        nint i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            if (Vector256.EqualsAny(Vector256.Load(from + i) & mask, mask)) break;
        for (; i < count; i++)
            if ((from[i] & exponent) == exponent) return i;
        return -1;
    }
}
