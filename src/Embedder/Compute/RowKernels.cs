using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute;

/// <summary>
/// Sums and functions over one row. Sums run in eight lanes and one fixed tree, then the tail in order: the same bits on every
/// instruction set. Exponentials come from one software routine, never from the platform's mathematics library.
/// </summary>
internal static unsafe class RowKernels
{
    public static float Dot(float* a, float* b, int count)
    {
        var lanes = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - 8; i += 8) lanes = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), lanes);
        var sum = Tree(lanes);
        for (; i < count; i++) sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    /// <summary>to[j] = Dot(a, b + j · stride, count) for j = 0..3, bit for bit, in about half the time.</summary>
    public static void DotFour(float* a, float* b, nint stride, int count, float* to)
    {
        var b1 = b + stride;
        var b2 = b1 + stride;
        var b3 = b2 + stride;
        Vector256<float> lanes0 = default, lanes1 = default, lanes2 = default, lanes3 = default;
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            var x = Vector256.Load(a + i);
            lanes0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b + i), lanes0);
            lanes1 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b1 + i), lanes1);
            lanes2 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b2 + i), lanes2);
            lanes3 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b3 + i), lanes3);
        }
        var (sum0, sum1, sum2, sum3) = (Tree(lanes0), Tree(lanes1), Tree(lanes2), Tree(lanes3));
        for (; i < count; i++)
        {
            sum0 = MathF.FusedMultiplyAdd(a[i], b[i], sum0);
            sum1 = MathF.FusedMultiplyAdd(a[i], b1[i], sum1);
            sum2 = MathF.FusedMultiplyAdd(a[i], b2[i], sum2);
            sum3 = MathF.FusedMultiplyAdd(a[i], b3[i], sum3);
        }
        (to[0], to[1], to[2], to[3]) = (sum0, sum1, sum2, sum3);
    }

    /// <summary>y = x · (1 / sqrt(mean(x²) + epsilon)) · gain; no gain when <paramref name="gain"/> is null. May run in place.</summary>
    public static void RmsNorm(float* x, float* gain, float epsilon, float* y, int count)
    {
        var scale = 1f / MathF.Sqrt(Dot(x, x, count) / count + epsilon);
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            var scaled = Vector256.Load(x + i) * scale;
            (gain is null ? scaled : scaled * Vector256.Load(gain + i)).Store(y + i);
        }
        for (; i < count; i++) y[i] = gain is null ? x[i] * scale : x[i] * scale * gain[i];
    }

    /// <summary>to += factor · from</summary>
    public static void AddScaled(float* to, float* from, float factor, int count)
    {
        var i = 0;
        var factors = Vector256.Create(factor);
        for (; i <= count - 8; i += 8) Vector256.FusedMultiplyAdd(Vector256.Load(from + i), factors, Vector256.Load(to + i)).Store(to + i);
        for (; i < count; i++) to[i] = MathF.FusedMultiplyAdd(from[i], factor, to[i]);
    }

    /// <summary>to = factor · from. May run in place.</summary>
    public static void Scale(float* from, float factor, float* to, int count)
    {
        var i = 0;
        for (; i <= count - 8; i += 8) (Vector256.Load(from + i) * factor).Store(to + i);
        for (; i < count; i++) to[i] = from[i] * factor;
    }

    /// <summary>a = silu(gate) · up</summary>
    public static void SwiGlu(float* gate, float* up, float* a, int count)
    {
        var i = 0;
        for (; i <= count - 8; i += 8) SwiGlu(Vector256.Load(gate + i), Vector256.Load(up + i)).Store(a + i);
        for (; i < count; i++) a[i] = SwiGlu(Vector256.Create(gate[i]), Vector256.Create(up[i])).ToScalar();
    }

    /// <summary>Replaces scores by exp(score − maximum) and returns their sum. There must be room up to the next multiple of eight.</summary>
    public static float Softmax(float* scores, int count)
    {
        for (var i = count; i % 8 != 0; i++) scores[i] = float.NegativeInfinity;
        var maxima = Vector256.Load(scores);
        for (var i = 8; i < count; i += 8) maxima = Vector256.Max(maxima, Vector256.Load(scores + i));
        var maximum = maxima[0];
        for (var lane = 1; lane < 8; lane++) maximum = MathF.Max(maximum, maxima[lane]);
        var sums = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
        {
            var weights = Vector256.Exp(Vector256.Load(scores + i) - Vector256.Create(maximum));
            weights.Store(scores + i);
            sums += weights;
        }
        return Tree(sums);
    }

    /// <summary>2 · sigmoid(2x) − 1</summary>
    public static float Tanh(float x) => MathF.FusedMultiplyAdd(2, Sigmoid(2 * x), -1);

    public static float Sigmoid(float x) => (Vector256<float>.One / (Vector256<float>.One + Vector256.Exp(Vector256.Create(-x)))).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> SwiGlu(Vector256<float> gate, Vector256<float> up) => gate / (Vector256<float>.One + Vector256.Exp(-gate)) * up;

    /// <summary>((0+4)+(2+6)) + ((1+5)+(3+7))</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Tree(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
