using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Pipelines.Bench;

/// <summary>
/// Fused multiply-adds on registers alone, at the widest vectors that this processor computes with in hardware: nothing that multiplies float32
/// matrices can be faster. Twelve accumulators hide the latency of 4 cycles on 2 ports, and with the two factors fit AVX2's 16 registers.
/// </summary>
internal static class FmaKernel
{
    /// <summary>Accumulators, each with one multiply-add a round.</summary>
    private const int Accumulators = 12;

    /// <summary>Bits of a vector; 32 where there are none.</summary>
    public static int VectorBits { get; } =
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    /// <summary>Floating-point operations of a round: a multiply and an add for each number.</summary>
    public static int FlopsPerRound => Accumulators * VectorBits / 32 * 2;

    /// <summary>Computes for so many rounds.</summary>
    /// <returns>A number that depends on all of it, so that none is left out.</returns>
    public static float Run(long rounds) => VectorBits switch
    {
        512 => Run512(rounds),
        256 => Run256(rounds),
        128 => Run128(rounds),
        _ => RunScalar(rounds),
    };

    // Each a method of its own with nothing but locals, so that all of them stay in registers. a ← a · ½ + ½ tends to 1: no overflow, no denormals.

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512(long rounds)
    {
        var half = Vector512.Create(0.5f);
        Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector512<float> g = default, h = default, i = default, j = default, k = default, l = default;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.FusedMultiplyAdd(a, half, half);
            b = Vector512.FusedMultiplyAdd(b, half, half);
            c = Vector512.FusedMultiplyAdd(c, half, half);
            d = Vector512.FusedMultiplyAdd(d, half, half);
            e = Vector512.FusedMultiplyAdd(e, half, half);
            f = Vector512.FusedMultiplyAdd(f, half, half);
            g = Vector512.FusedMultiplyAdd(g, half, half);
            h = Vector512.FusedMultiplyAdd(h, half, half);
            i = Vector512.FusedMultiplyAdd(i, half, half);
            j = Vector512.FusedMultiplyAdd(j, half, half);
            k = Vector512.FusedMultiplyAdd(k, half, half);
            l = Vector512.FusedMultiplyAdd(l, half, half);
        }
        return Vector512.Sum(a + b + c + d + e + f + (g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256(long rounds)
    {
        var half = Vector256.Create(0.5f);
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<float> g = default, h = default, i = default, j = default, k = default, l = default;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.FusedMultiplyAdd(a, half, half);
            b = Vector256.FusedMultiplyAdd(b, half, half);
            c = Vector256.FusedMultiplyAdd(c, half, half);
            d = Vector256.FusedMultiplyAdd(d, half, half);
            e = Vector256.FusedMultiplyAdd(e, half, half);
            f = Vector256.FusedMultiplyAdd(f, half, half);
            g = Vector256.FusedMultiplyAdd(g, half, half);
            h = Vector256.FusedMultiplyAdd(h, half, half);
            i = Vector256.FusedMultiplyAdd(i, half, half);
            j = Vector256.FusedMultiplyAdd(j, half, half);
            k = Vector256.FusedMultiplyAdd(k, half, half);
            l = Vector256.FusedMultiplyAdd(l, half, half);
        }
        return Vector256.Sum(a + b + c + d + e + f + (g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128(long rounds)
    {
        var half = Vector128.Create(0.5f);
        Vector128<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector128<float> g = default, h = default, i = default, j = default, k = default, l = default;
        for (; rounds > 0; rounds--)
        {
            a = Vector128.FusedMultiplyAdd(a, half, half);
            b = Vector128.FusedMultiplyAdd(b, half, half);
            c = Vector128.FusedMultiplyAdd(c, half, half);
            d = Vector128.FusedMultiplyAdd(d, half, half);
            e = Vector128.FusedMultiplyAdd(e, half, half);
            f = Vector128.FusedMultiplyAdd(f, half, half);
            g = Vector128.FusedMultiplyAdd(g, half, half);
            h = Vector128.FusedMultiplyAdd(h, half, half);
            i = Vector128.FusedMultiplyAdd(i, half, half);
            j = Vector128.FusedMultiplyAdd(j, half, half);
            k = Vector128.FusedMultiplyAdd(k, half, half);
            l = Vector128.FusedMultiplyAdd(l, half, half);
        }
        return Vector128.Sum(a + b + c + d + e + f + (g + h + i + j + k + l));
    }

    /// <summary>Without vectors the fused form is a call; a product and a sum are what such a processor computes with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float RunScalar(long rounds)
    {
        float a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0;
        for (; rounds > 0; rounds--)
        {
            (a, b, c) = (a * 0.5f + 0.5f, b * 0.5f + 0.5f, c * 0.5f + 0.5f);
            (d, e, f) = (d * 0.5f + 0.5f, e * 0.5f + 0.5f, f * 0.5f + 0.5f);
            (g, h, i) = (g * 0.5f + 0.5f, h * 0.5f + 0.5f, i * 0.5f + 0.5f);
            (j, k, l) = (j * 0.5f + 0.5f, k * 0.5f + 0.5f, l * 0.5f + 0.5f);
        }
        return a + b + c + d + e + f + (g + h + i + j + k + l);
    }
}
