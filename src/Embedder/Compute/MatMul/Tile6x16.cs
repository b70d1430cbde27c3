using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute.MatMul;

/// <summary>AVX2: 12 accumulators, 2 weights and 1 input fill 15 of 16 registers.</summary>
/// <remarks>
/// Written out, because the accumulators must be locals to stay in registers. Rows past the last one repeat it and store the same bits
/// again, so a tail needs no code of its own.
/// </remarks>
internal readonly unsafe struct Tile6x16 : ITile
{
    public static int Rows => 6;

    public static int Columns => 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, nint xStride, float* w, nint inputs, float* y, nint yStride, int rows, bool accumulate)
    {
        var last = rows - 1;
        var x0 = x;
        var x1 = x + Math.Min(1, last) * xStride;
        var x2 = x + Math.Min(2, last) * xStride;
        var x3 = x + Math.Min(3, last) * xStride;
        var x4 = x + Math.Min(4, last) * xStride;
        var x5 = x + Math.Min(5, last) * xStride;
        var y0 = y;
        var y1 = y + Math.Min(1, last) * yStride;
        var y2 = y + Math.Min(2, last) * yStride;
        var y3 = y + Math.Min(3, last) * yStride;
        var y4 = y + Math.Min(4, last) * yStride;
        var y5 = y + Math.Min(5, last) * yStride;
        Vector256<float> a0 = default, b0 = default;
        Vector256<float> a1 = default, b1 = default;
        Vector256<float> a2 = default, b2 = default;
        Vector256<float> a3 = default, b3 = default;
        Vector256<float> a4 = default, b4 = default;
        Vector256<float> a5 = default, b5 = default;
        if (accumulate)
        {
            (a0, b0) = (Vector256.Load(y0), Vector256.Load(y0 + 8));
            (a1, b1) = (Vector256.Load(y1), Vector256.Load(y1 + 8));
            (a2, b2) = (Vector256.Load(y2), Vector256.Load(y2 + 8));
            (a3, b3) = (Vector256.Load(y3), Vector256.Load(y3 + 8));
            (a4, b4) = (Vector256.Load(y4), Vector256.Load(y4 + 8));
            (a5, b5) = (Vector256.Load(y5), Vector256.Load(y5 + 8));
        }
        for (nint k = 0; k < inputs; k++)
        {
            var wa = Vector256.Load(w);
            var wb = Vector256.Load(w + 8);
            w += 16;
            var v = Vector256.Create(x0[k]);
            a0 = Vector256.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector256.FusedMultiplyAdd(v, wb, b0);
            v = Vector256.Create(x1[k]);
            a1 = Vector256.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector256.FusedMultiplyAdd(v, wb, b1);
            v = Vector256.Create(x2[k]);
            a2 = Vector256.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector256.FusedMultiplyAdd(v, wb, b2);
            v = Vector256.Create(x3[k]);
            a3 = Vector256.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector256.FusedMultiplyAdd(v, wb, b3);
            v = Vector256.Create(x4[k]);
            a4 = Vector256.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector256.FusedMultiplyAdd(v, wb, b4);
            v = Vector256.Create(x5[k]);
            a5 = Vector256.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector256.FusedMultiplyAdd(v, wb, b5);
        }
        a0.Store(y0);
        b0.Store(y0 + 8);
        a1.Store(y1);
        b1.Store(y1 + 8);
        a2.Store(y2);
        b2.Store(y2 + 8);
        a3.Store(y3);
        b3.Store(y3 + 8);
        a4.Store(y4);
        b4.Store(y4 + 8);
        a5.Store(y5);
        b5.Store(y5 + 8);
    }
}
