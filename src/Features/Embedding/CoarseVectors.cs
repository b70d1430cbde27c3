using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recs.Features.Embedding;

/// <summary>
/// Vectors in bytes, a fourth of their size, that tell what a dot product is at most. Looking for the nearest, most rows are then passed over without reading them, and none that
/// belongs to the answer is: x = scale · codes + r, so q · x ≤ q̂ · x̂ + |q| · |r_x| + |r_q| · |x̂| (Cauchy and Schwarz). The products of codes are whole numbers, the same
/// on every machine. Immutable; safe from any thread.
/// </summary>
internal sealed class CoarseVectors
{
    private const int Most = 127, Step = 16;

    // Rounding of the products that are bounded, relative to the lengths: far above n · 2⁻²⁴ for any sane n.
    private const float Slack = 1e-4f;

    private readonly sbyte[] _codes;
    private readonly (float Scale, float Error, float Length)[] _rows;
    private readonly int _dimensions;

    /// <param name="values">[rows × dimensions], row-major.</param>
    /// <param name="dimensions">At least 1 where there are rows.</param>
    public CoarseVectors(ReadOnlySpan<float> values, int dimensions)
    {
        _dimensions = dimensions;
        _codes = new sbyte[values.Length];
        _rows = new (float, float, float)[dimensions == 0 ? 0 : values.Length / dimensions];
        for (var row = 0; row < _rows.Length; row++)
            _rows[row] = Encode(values.Slice(row * dimensions, dimensions), _codes.AsSpan(row * dimensions, dimensions));
    }

    /// <summary>Turns to a direction.</summary>
    public Bound Towards(ReadOnlySpan<float> direction)
    {
        var codes = new sbyte[direction.Length];
        var (scale, error, _) = Encode(direction, codes);
        return new(this, Array.ConvertAll(codes, code => (short)code), scale, error, TensorPrimitives.Norm(direction));
    }

    private static (float Scale, float Error, float Length) Encode(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(vector)) / Most;
        if (!(scale > 0)) return default;
        double error = 0, length = 0;
        for (var i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)Math.Clamp(MathF.Round(vector[i] / scale), -Most, Most);
            double coarse = (double)scale * codes[i];
            error += (vector[i] - coarse) * (vector[i] - coarse);
            length += coarse * coarse;
        }
        return (scale, (float)Math.Sqrt(error), (float)Math.Sqrt(length));
    }

    /// <summary>What the rows' dot products with one direction are at most.</summary>
    public readonly struct Bound(CoarseVectors table, short[] codes, float scale, float error, float length)
    {
        /// <summary>The most that the dot product with a row can be.</summary>
        public float Of(int row)
        {
            ref readonly var known = ref table._rows[row];
            var near = Product(codes, table._codes.AsSpan(row * table._dimensions, table._dimensions)) * (scale * known.Scale);
            return near + length * known.Error + error * known.Length + Slack * length * (known.Length + known.Error);
        }
    }

    // 127² · n stays below 2³¹ up to 133,000 dimensions.
    private static int Product(ReadOnlySpan<short> a, ReadOnlySpan<sbyte> b)
    {
        var sums = Vector256<int>.Zero;
        var at = 0;
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        if (Avx512BW.IsSupported)
        {
            Vector512<int> even = default, odd = default;
            for (; at + 4 * Step <= a.Length; at += 4 * Step)
            {
                even += Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref x, (nuint)at), Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref y, (nuint)at)));
                odd += Avx512BW.MultiplyAddAdjacent(Vector512.LoadUnsafe(ref x, (nuint)(at + 2 * Step)), Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref y, (nuint)(at + 2 * Step))));
            }
            sums = (even + odd).GetLower() + (even + odd).GetUpper();
        }
        for (; at + Step <= a.Length; at += Step)
        {
            var (left, bytes) = (Vector256.LoadUnsafe(ref x, (nuint)at), Vector128.LoadUnsafe(ref y, (nuint)at));
            if (Avx2.IsSupported) sums += Avx2.MultiplyAddAdjacent(left, Avx2.ConvertToVector256Int16(bytes));
            else
            {
                var (low, high) = Vector256.Widen(left * Vector256.WidenLower(bytes.ToVector256())); // a product fits: 127² < 2¹⁵
                sums += low + high;
            }
        }
        var sum = Vector256.Sum(sums);
        for (; at < a.Length; at++) sum += a[at] * b[at];
        return sum;
    }
}
