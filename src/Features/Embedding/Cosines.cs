using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Recs.Features.Embedding;

/// <summary>
/// Dot products of unit vectors, one direction against many rows. Sixteen fixed lanes with fused multiply-adds, added up in one fixed order: the same bits on every machine,
/// whatever its widest vectors, and whether rows come alone or in fours.
/// </summary>
internal static class Cosines
{
    private const int Step = 16;

    /// <summary>a · b.</summary>
    /// <param name="a">[n]</param>
    /// <param name="b">[n]</param>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        Vector256<float> low = default, high = default;
        nuint at = 0;
        for (; at + Step <= (nuint)a.Length; at += Step)
        {
            low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, at), Vector256.LoadUnsafe(ref y, at), low);
            high = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, at + 8), Vector256.LoadUnsafe(ref y, at + 8), high);
        }
        return Rest(Sum(low + high), a, b, (int)at);
    }

    /// <summary>The direction's dot product with each of some rows.</summary>
    /// <param name="direction">[dimensions]</param>
    /// <param name="table">[any × dimensions], row-major.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="dots">[rows]</param>
    public static void Dots(ReadOnlySpan<float> direction, ReadOnlySpan<float> table, ReadOnlySpan<int> rows, Span<float> dots)
    {
        var dimensions = direction.Length;
        var row = 0;
        for (; row + 4 <= rows.Length; row += 4)
        {
            ref var x = ref MemoryMarshal.GetReference(direction);
            ref var a = ref MemoryMarshal.GetReference(table.Slice(rows[row] * dimensions, dimensions));
            ref var b = ref MemoryMarshal.GetReference(table.Slice(rows[row + 1] * dimensions, dimensions));
            ref var c = ref MemoryMarshal.GetReference(table.Slice(rows[row + 2] * dimensions, dimensions));
            ref var d = ref MemoryMarshal.GetReference(table.Slice(rows[row + 3] * dimensions, dimensions));
            Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            nuint at = 0;
            for (; at + Step <= (nuint)dimensions; at += Step)
            {
                var (low, high) = (Vector256.LoadUnsafe(ref x, at), Vector256.LoadUnsafe(ref x, at + 8));
                a0 = Vector256.FusedMultiplyAdd(low, Vector256.LoadUnsafe(ref a, at), a0);
                a1 = Vector256.FusedMultiplyAdd(high, Vector256.LoadUnsafe(ref a, at + 8), a1);
                b0 = Vector256.FusedMultiplyAdd(low, Vector256.LoadUnsafe(ref b, at), b0);
                b1 = Vector256.FusedMultiplyAdd(high, Vector256.LoadUnsafe(ref b, at + 8), b1);
                c0 = Vector256.FusedMultiplyAdd(low, Vector256.LoadUnsafe(ref c, at), c0);
                c1 = Vector256.FusedMultiplyAdd(high, Vector256.LoadUnsafe(ref c, at + 8), c1);
                d0 = Vector256.FusedMultiplyAdd(low, Vector256.LoadUnsafe(ref d, at), d0);
                d1 = Vector256.FusedMultiplyAdd(high, Vector256.LoadUnsafe(ref d, at + 8), d1);
            }
            dots[row] = Rest(Sum(a0 + a1), direction, table.Slice(rows[row] * dimensions, dimensions), (int)at);
            dots[row + 1] = Rest(Sum(b0 + b1), direction, table.Slice(rows[row + 1] * dimensions, dimensions), (int)at);
            dots[row + 2] = Rest(Sum(c0 + c1), direction, table.Slice(rows[row + 2] * dimensions, dimensions), (int)at);
            dots[row + 3] = Rest(Sum(d0 + d1), direction, table.Slice(rows[row + 3] * dimensions, dimensions), (int)at);
        }
        for (; row < rows.Length; row++) dots[row] = Dot(direction, table.Slice(rows[row] * dimensions, dimensions));
    }

    private static float Sum(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    private static float Rest(float sum, ReadOnlySpan<float> a, ReadOnlySpan<float> b, int at)
    {
        for (; at < a.Length; at++) sum = MathF.FusedMultiplyAdd(a[at], b[at], sum);
        return sum;
    }
}
