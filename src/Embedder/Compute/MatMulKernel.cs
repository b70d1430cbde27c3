using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute;

/// <summary>
/// y[m, n] = Σ x[m, k] · w[n, k] over packed panels. Every output has one accumulator and adds its products with fused
/// multiply-add in the order k = 0 .. K − 1, so neither tile, tail, thread nor instruction set can change a bit.
/// </summary>
internal static unsafe class MatMulKernel
{
    /// <summary>Rows a tile: 6 × 2 accumulators, 2 weights and 1 input fill the 16 vector registers of AVX2.</summary>
    private const int TileRows = 6;

    /// <summary>All rows against panels [<paramref name="firstPanel"/>, <paramref name="endPanel"/>).</summary>
    public static void Run(float* x_mk, int rows, PackedMatrix w_nk, int firstPanel, int endPanel, float* y_mn)
    {
        var (inputs, outputs) = (w_nk.Inputs, w_nk.Outputs);
        var tail = stackalloc float[TileRows * PackedMatrix.Width];
        for (var panel = firstPanel; panel < endPanel; panel++)
        {
            var firstOutput = panel * PackedMatrix.Width;
            var width = Math.Min(PackedMatrix.Width, outputs - firstOutput);
            for (var row = 0; row < rows; row += TileRows)
            {
                var last = Math.Min(TileRows, rows - row) - 1;
                var x = x_mk + (nint)row * inputs;
                var y = y_mn + (nint)row * outputs + firstOutput;
                if (width == PackedMatrix.Width)
                {
                    Tile(x, inputs, w_nk.Panel(panel), y, outputs, last);
                    continue;
                }
                Tile(x, inputs, w_nk.Panel(panel), tail, PackedMatrix.Width, last);
                for (var r = 0; r <= last; r++)
                    new ReadOnlySpan<float>(tail + r * PackedMatrix.Width, width).CopyTo(new Span<float>(y + (nint)r * outputs, width));
            }
        }
    }

    /// <summary>Rows past <paramref name="last"/> repeat the last one and store the same bits again, so a tail needs no kernel of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* x, int inputs, float* panel, float* y, int stride, int last)
    {
        var x0 = x;
        var x1 = x + (nint)Math.Min(1, last) * inputs;
        var x2 = x + (nint)Math.Min(2, last) * inputs;
        var x3 = x + (nint)Math.Min(3, last) * inputs;
        var x4 = x + (nint)Math.Min(4, last) * inputs;
        var x5 = x + (nint)Math.Min(5, last) * inputs;
        Vector256<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<float> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        for (nint k = 0; k < inputs; k++)
        {
            var wa = Vector256.Load(panel);
            var wb = Vector256.Load(panel + 8);
            panel += PackedMatrix.Width;
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
        Store(y, a0, b0);
        Store(y + (nint)Math.Min(1, last) * stride, a1, b1);
        Store(y + (nint)Math.Min(2, last) * stride, a2, b2);
        Store(y + (nint)Math.Min(3, last) * stride, a3, b3);
        Store(y + (nint)Math.Min(4, last) * stride, a4, b4);
        Store(y + (nint)Math.Min(5, last) * stride, a5, b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector256<float> a, Vector256<float> b)
    {
        a.Store(y);
        b.Store(y + 8);
    }
}
