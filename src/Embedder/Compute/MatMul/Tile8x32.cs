using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute.MatMul;

/// <summary>AVX-512: 16 accumulators, 2 weights and 1 input in 32 registers; 1.6 multiply-adds a load.</summary>
/// <remarks>
/// Written out, because the accumulators must be locals to stay in registers. Rows past the last one repeat it and store the same bits
/// again, so a tail needs no code of its own.
/// </remarks>
internal readonly unsafe struct Tile8x32 : ITile
{
    public static int Rows => 8;

    public static int Columns => 32;

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
        var x6 = x + Math.Min(6, last) * xStride;
        var x7 = x + Math.Min(7, last) * xStride;
        var y0 = y;
        var y1 = y + Math.Min(1, last) * yStride;
        var y2 = y + Math.Min(2, last) * yStride;
        var y3 = y + Math.Min(3, last) * yStride;
        var y4 = y + Math.Min(4, last) * yStride;
        var y5 = y + Math.Min(5, last) * yStride;
        var y6 = y + Math.Min(6, last) * yStride;
        var y7 = y + Math.Min(7, last) * yStride;
        Vector512<float> a0 = default, b0 = default;
        Vector512<float> a1 = default, b1 = default;
        Vector512<float> a2 = default, b2 = default;
        Vector512<float> a3 = default, b3 = default;
        Vector512<float> a4 = default, b4 = default;
        Vector512<float> a5 = default, b5 = default;
        Vector512<float> a6 = default, b6 = default;
        Vector512<float> a7 = default, b7 = default;
        if (accumulate)
        {
            (a0, b0) = (Vector512.Load(y0), Vector512.Load(y0 + 16));
            (a1, b1) = (Vector512.Load(y1), Vector512.Load(y1 + 16));
            (a2, b2) = (Vector512.Load(y2), Vector512.Load(y2 + 16));
            (a3, b3) = (Vector512.Load(y3), Vector512.Load(y3 + 16));
            (a4, b4) = (Vector512.Load(y4), Vector512.Load(y4 + 16));
            (a5, b5) = (Vector512.Load(y5), Vector512.Load(y5 + 16));
            (a6, b6) = (Vector512.Load(y6), Vector512.Load(y6 + 16));
            (a7, b7) = (Vector512.Load(y7), Vector512.Load(y7 + 16));
        }
        for (nint k = 0; k < inputs; k++)
        {
            var wa = Vector512.Load(w);
            var wb = Vector512.Load(w + 16);
            w += 32;
            var v = Vector512.Create(x0[k]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            v = Vector512.Create(x1[k]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            v = Vector512.Create(x2[k]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            v = Vector512.Create(x3[k]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            v = Vector512.Create(x4[k]);
            a4 = Vector512.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector512.FusedMultiplyAdd(v, wb, b4);
            v = Vector512.Create(x5[k]);
            a5 = Vector512.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector512.FusedMultiplyAdd(v, wb, b5);
            v = Vector512.Create(x6[k]);
            a6 = Vector512.FusedMultiplyAdd(v, wa, a6);
            b6 = Vector512.FusedMultiplyAdd(v, wb, b6);
            v = Vector512.Create(x7[k]);
            a7 = Vector512.FusedMultiplyAdd(v, wa, a7);
            b7 = Vector512.FusedMultiplyAdd(v, wb, b7);
        }
        a0.Store(y0);
        b0.Store(y0 + 16);
        a1.Store(y1);
        b1.Store(y1 + 16);
        a2.Store(y2);
        b2.Store(y2 + 16);
        a3.Store(y3);
        b3.Store(y3 + 16);
        a4.Store(y4);
        b4.Store(y4 + 16);
        a5.Store(y5);
        b5.Store(y5 + 16);
        a6.Store(y6);
        b6.Store(y6 + 16);
        a7.Store(y7);
        b7.Store(y7 + 16);
    }
}
