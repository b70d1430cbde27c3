using System.Runtime.Intrinsics.X86;
using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute.MatMul;

/// <summary>
/// y[m, n] = Σ x[m, k] · w[n, k] over packed panels. Every output has one accumulator and adds its products with fused
/// multiply-add in the order k = 0 .. K − 1 (between blocks of k it rests in y, exactly), so neither tile, tail, block, thread nor
/// instruction set can change a bit.
/// </summary>
internal static unsafe class MatMulKernel
{
    /// <summary>Inputs that are widened at a time: 1,024 × 16 float32 are 64 KiB, an eighth of a usual second-level cache.</summary>
    private const int InputBlock = 1024;

    /// <summary>float32 numbers of scratch a call needs.</summary>
    public const int ScratchCount = InputBlock * 32;

    /// <summary>
    /// All rows against panels [<paramref name="firstPanel"/>, <paramref name="endPanel"/>), with the widest tile of this machine; FP8 weights
    /// count times their scales where <paramref name="isScaled"/>.
    /// </summary>
    public static void Run(float* x_mk, int rows, PackedMatrix w_nk, int firstPanel, int endPanel, bool isScaled, float* y_mn, float* scratch)
    {
        // Not Vector512.IsHardwareAccelerated: that is false on early processors on which the wide tile is still the faster one.
        if (Avx512F.IsSupported) Run<Tile8x32>(x_mk, rows, w_nk, firstPanel, endPanel, isScaled, y_mn, scratch);
        else if (Vector256.IsHardwareAccelerated) Run<Tile6x16>(x_mk, rows, w_nk, firstPanel, endPanel, isScaled, y_mn, scratch);
        else Run<Tile4x16>(x_mk, rows, w_nk, firstPanel, endPanel, isScaled, y_mn, scratch);
    }

    /// <summary>The same with a chosen tile.</summary>
    public static void Run<TTile>(float* x_mk, int rows, PackedMatrix w_nk, int firstPanel, int endPanel, bool isScaled, float* y_mn, float* scratch) where TTile : struct, ITile
    {
        var panelsATile = TTile.Columns / PackedMatrix.Width;
        for (var panel = firstPanel; panel < endPanel; panel += panelsATile)
        {
            var panels = Math.Min(panelsATile, endPanel - panel);
            if (panels == panelsATile) Sweep<TTile>(x_mk, rows, w_nk, panel, isScaled, y_mn, scratch);
            else for (var p = 0; p < panels; p++) Sweep<Tile6x16>(x_mk, rows, w_nk, panel + p, isScaled, y_mn, scratch);
        }
    }

    /// <summary>All rows against the panels of one tile's columns.</summary>
    private static void Sweep<TTile>(float* x_mk, int rows, PackedMatrix w_nk, int firstPanel, bool isScaled, float* y_mn, float* scratch) where TTile : struct, ITile
    {
        var (inputs, outputs) = (w_nk.Inputs, w_nk.Outputs);
        var firstOutput = firstPanel * PackedMatrix.Width;
        var width = Math.Min(TTile.Columns, outputs - firstOutput);
        var edge = stackalloc float[TTile.Rows * TTile.Columns];
        for (var first = 0; first < inputs; first += InputBlock)
        {
            var count = Math.Min(InputBlock, inputs - first);
            var weights = Weights<TTile>(w_nk, firstPanel, first, count, isScaled, scratch);
            for (var row = 0; row < rows; row += TTile.Rows)
            {
                var tileRows = Math.Min(TTile.Rows, rows - row);
                var x = x_mk + (nint)row * inputs + first;
                var y = y_mn + (nint)row * outputs + firstOutput;
                if (width == TTile.Columns)
                {
                    TTile.Run(x, inputs, weights, count, y, outputs, tileRows, first > 0);
                    continue;
                }
                for (var r = 0; r < tileRows && first > 0; r++)
                    new ReadOnlySpan<float>(y + (nint)r * outputs, width).CopyTo(new Span<float>(edge + r * TTile.Columns, width));
                TTile.Run(x, inputs, weights, count, edge, TTile.Columns, tileRows, first > 0);
                for (var r = 0; r < tileRows; r++)
                    new ReadOnlySpan<float>(edge + r * TTile.Columns, width).CopyTo(new Span<float>(y + (nint)r * outputs, width));
            }
        }
    }

    /// <summary>[count, tile columns] as float32: in place where they are stored so, else widened into <paramref name="scratch"/>.</summary>
    private static float* Weights<TTile>(PackedMatrix w_nk, int firstPanel, int first, int count, bool isScaled, float* scratch) where TTile : struct, ITile
    {
        if (w_nk.Type == Checkpoint.ElementType.F32 && TTile.Columns == PackedMatrix.Width)
            return (float*)w_nk.Panel(firstPanel) + (nint)first * PackedMatrix.Width;
        for (var p = 0; p < TTile.Columns / PackedMatrix.Width; p++)
            w_nk.Widen(firstPanel + p, first, count, isScaled, scratch + p * PackedMatrix.Width, TTile.Columns);
        return scratch;
    }
}
