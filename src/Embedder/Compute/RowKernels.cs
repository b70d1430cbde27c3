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
        var maximum = scores[0];
        for (var i = 1; i < count; i++) maximum = MathF.Max(maximum, scores[i]);
        for (var i = count; i % 8 != 0; i++) scores[i] = float.NegativeInfinity;
        var sums = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
        {
            var weights = Vector256.Exp(Vector256.Load(scores + i) - Vector256.Create(maximum));
            weights.Store(scores + i);
            sums += weights;
        }
        return Tree(sums);
    }

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
