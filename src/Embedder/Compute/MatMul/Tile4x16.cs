using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute.MatMul;

/// <summary>NEON and what else has vectors of 128 bits: 16 accumulators, 4 weights and 1 input in 32 registers.</summary>
/// <remarks>
/// Written out, because the accumulators must be locals to stay in registers. Rows past the last one repeat it and store the same bits
/// again, so a tail needs no code of its own.
/// </remarks>
internal readonly unsafe struct Tile4x16 : ITile
{
    public static int Rows => 4;

    public static int Columns => 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, nint xStride, float* w, nint inputs, float* y, nint yStride, int rows, bool accumulate)
    {
        var last = rows - 1;
        var x0 = x;
        var x1 = x + Math.Min(1, last) * xStride;
        var x2 = x + Math.Min(2, last) * xStride;
        var x3 = x + Math.Min(3, last) * xStride;
        var y0 = y;
        var y1 = y + Math.Min(1, last) * yStride;
        var y2 = y + Math.Min(2, last) * yStride;
        var y3 = y + Math.Min(3, last) * yStride;
        Vector128<float> a0 = default, b0 = default, c0 = default, d0 = default;
        Vector128<float> a1 = default, b1 = default, c1 = default, d1 = default;
        Vector128<float> a2 = default, b2 = default, c2 = default, d2 = default;
        Vector128<float> a3 = default, b3 = default, c3 = default, d3 = default;
        if (accumulate)
        {
            (a0, b0, c0, d0) = (Vector128.Load(y0), Vector128.Load(y0 + 4), Vector128.Load(y0 + 8), Vector128.Load(y0 + 12));
            (a1, b1, c1, d1) = (Vector128.Load(y1), Vector128.Load(y1 + 4), Vector128.Load(y1 + 8), Vector128.Load(y1 + 12));
            (a2, b2, c2, d2) = (Vector128.Load(y2), Vector128.Load(y2 + 4), Vector128.Load(y2 + 8), Vector128.Load(y2 + 12));
            (a3, b3, c3, d3) = (Vector128.Load(y3), Vector128.Load(y3 + 4), Vector128.Load(y3 + 8), Vector128.Load(y3 + 12));
        }
        for (nint k = 0; k < inputs; k++)
        {
            var wa = Vector128.Load(w);
            var wb = Vector128.Load(w + 4);
            var wc = Vector128.Load(w + 8);
            var wd = Vector128.Load(w + 12);
            w += 16;
            var v = Vector128.Create(x0[k]);
            a0 = Vector128.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector128.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector128.FusedMultiplyAdd(v, wc, c0);
            d0 = Vector128.FusedMultiplyAdd(v, wd, d0);
            v = Vector128.Create(x1[k]);
            a1 = Vector128.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector128.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector128.FusedMultiplyAdd(v, wc, c1);
            d1 = Vector128.FusedMultiplyAdd(v, wd, d1);
            v = Vector128.Create(x2[k]);
            a2 = Vector128.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector128.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector128.FusedMultiplyAdd(v, wc, c2);
            d2 = Vector128.FusedMultiplyAdd(v, wd, d2);
            v = Vector128.Create(x3[k]);
            a3 = Vector128.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector128.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector128.FusedMultiplyAdd(v, wc, c3);
            d3 = Vector128.FusedMultiplyAdd(v, wd, d3);
        }
        a0.Store(y0);
        b0.Store(y0 + 4);
        c0.Store(y0 + 8);
        d0.Store(y0 + 12);
        a1.Store(y1);
        b1.Store(y1 + 4);
        c1.Store(y1 + 8);
        d1.Store(y1 + 12);
        a2.Store(y2);
        b2.Store(y2 + 4);
        c2.Store(y2 + 8);
        d2.Store(y2 + 12);
        a3.Store(y3);
        b3.Store(y3 + 4);
        c3.Store(y3 + 8);
        d3.Store(y3 + 12);
    }
}
