using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Checkpoint;

/// <summary>Stored numbers to float32. Every one of these widenings is exact.</summary>
internal static unsafe class ElementWidening
{
    private static readonly float[] E4M3 = BuildE4M3();

    /// <summary>Widens <paramref name="to"/>.Length elements that start at <paramref name="from"/>.</summary>
    public static void Widen(ElementType type, byte* from, Span<float> to)
    {
        switch (type)
        {
            case ElementType.F32:
                new ReadOnlySpan<byte>(from, checked(to.Length * sizeof(float))).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(to));
                break;
            case ElementType.BF16:
                WidenBFloat16(from, to);
                break;
            case ElementType.F16:
                for (var i = 0; i < to.Length; i++) to[i] = (float)Unsafe.ReadUnaligned<Half>(from + 2 * (nint)i);
                break;
            case ElementType.F8E4M3:
                for (var i = 0; i < to.Length; i++) to[i] = E4M3[from[i]];
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "no widening");
        }
    }

    /// <summary>The position of the first NaN or infinity, or -1.</summary>
    public static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        var exponent = Vector256.Create(0x7F800000u);
        var i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            var bits = Vector256.Create(values.Slice(i, 8)).AsUInt32() & exponent;
            if (Vector256.EqualsAny(bits, exponent)) break;
        }
        for (; i < values.Length; i++)
            if (!float.IsFinite(values[i])) return i;
        return -1;
    }

    private static void WidenBFloat16(byte* from, Span<float> to)
    {
        var i = 0;
        for (; i <= to.Length - 8; i += 8)
        {
            var halves = Vector128.Load((ushort*)(from + 2 * (nint)i));
            var bits = Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves)) << 16;
            bits.AsSingle().CopyTo(to[i..]);
        }
        for (; i < to.Length; i++)
            to[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(from + 2 * (nint)i) << 16);
    }

    /// <summary>All 256 values of OCP E4M3 (bias 7, subnormals of 2^-9, S.1111.111 is NaN, no infinity).</summary>
    private static float[] BuildE4M3()
    {
        var values = new float[256];
        for (var code = 0; code < 256; code++)
        {
            var exponent = (code >> 3) & 15;
            var mantissa = code & 7;
            var magnitude = exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(8 + mantissa, exponent - 10);
            if ((code & 0x7F) == 0x7F) magnitude = float.NaN;
            values[code] = (code & 0x80) == 0 ? magnitude : -magnitude;
        }
        return values;
    }
}
