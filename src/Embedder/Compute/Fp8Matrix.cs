using System.Buffers;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>
/// A matrix rounded to FP8 as it is loaded: each output's numbers are E4M3(w / s) with s = max|w| / 448, the rule of <see cref="Fp8Rounding"/>
/// for the inputs. The same bytes for every backend.
/// </summary>
internal sealed unsafe class Fp8Matrix
{
    /// <summary>Inputs and outputs turned over at once: a square of them stays in the cache.</summary>
    private const int Tile = 64;

    private Fp8Matrix(int outputs, int inputs) => (Outputs, Inputs, Numbers_nk, Scales_n) = (outputs, inputs, new byte[checked((long)outputs * inputs)], new float[outputs]);

    public int Outputs { get; }

    public int Inputs { get; }

    /// <summary>E4M3, [outputs, inputs].</summary>
    public byte[] Numbers_nk { get; }

    /// <summary>What each output's numbers are multiplied by.</summary>
    public float[] Scales_n { get; }

    /// <summary>The matrices of <paramref name="stacked"/> above one another along their outputs.</summary>
    /// <exception cref="Domain.RefusedException">A number is not finite.</exception>
    public static Fp8Matrix Round(ReadOnlySpan<MatrixSource> stacked)
    {
        var outputs = 0;
        foreach (var source in stacked) outputs += source.Outputs;
        var rounded = new Fp8Matrix(outputs, stacked[0].Inputs);
        var first = 0;
        foreach (var source in stacked)
        {
            rounded.Round(source, first);
            first += source.Outputs;
        }
        return rounded;
    }

    private void Round(MatrixSource source, int firstOutput)
    {
        // Row by row as stored; a scale is known once all of its output has been seen, so the numbers are kept as stored until then.
        var (rows, columns, bytes) = source.InputMajor ? (source.Inputs, source.Outputs, source.Tensor.ElementBytes) : (source.Outputs, source.Inputs, source.Tensor.ElementBytes);
        var stored = new NativeBlock((long)rows * columns * bytes);
        var wide = ArrayPool<float>.Shared.Rent(Tile * columns);
        try
        {
            source.Tensor.Read(source.First, stored.Pointer, (nint)rows * columns);
            source.Tensor.RequireFinite(source.First, stored.Pointer, (nint)rows * columns);
            var scales = Scales_n.AsSpan(firstOutput, source.Outputs);
            fixed (float* block = wide)
            {
                for (var row = 0; row < rows; row += Tile)
                {
                    var count = Math.Min(Tile, rows - row);
                    ElementWidening.Widen(source.Tensor.Type, stored.Pointer + (nint)row * columns * bytes, block, (nint)count * columns);
                    for (var r = 0; r < count; r++)
                        for (var c = 0; c < columns; c++)
                        {
                            ref var largest = ref scales[source.InputMajor ? c : row + r];
                            largest = MathF.Max(largest, MathF.Abs(block[r * columns + c]));
                        }
                }
                for (var n = 0; n < scales.Length; n++) scales[n] = Fp8Rounding.ScaleOf(scales[n]);
                for (var row = 0; row < rows; row += Tile)
                {
                    var count = Math.Min(Tile, rows - row);
                    ElementWidening.Widen(source.Tensor.Type, stored.Pointer + (nint)row * columns * bytes, block, (nint)count * columns);
                    if (source.InputMajor) PlaceInputs(block, row, count, columns, firstOutput);
                    else PlaceOutputs(block, firstOutput + row, count);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(wide);
            stored.Free();
        }
    }

    private void PlaceOutputs(float* block, int firstOutput, int count)
    {
        for (var n = 0; n < count; n++)
        {
            var scale = Scales_n[firstOutput + n];
            var to = Numbers_nk.AsSpan(checked((firstOutput + n) * Inputs), Inputs);
            for (var k = 0; k < Inputs; k++) to[k] = Fp8Rounding.Encode(Fp8Rounding.RoundE4M3(block[n * Inputs + k] / scale));
        }
    }

    private void PlaceInputs(float* block, int firstInput, int count, int outputs, int firstOutput)
    {
        for (var tile = 0; tile < outputs; tile += Tile)
        {
            for (var n = tile; n < Math.Min(tile + Tile, outputs); n++)
            {
                var scale = Scales_n[firstOutput + n];
                var to = Numbers_nk.AsSpan(checked((firstOutput + n) * Inputs + firstInput), count);
                for (var k = 0; k < count; k++) to[k] = Fp8Rounding.Encode(Fp8Rounding.RoundE4M3(block[k * outputs + n] / scale));
            }
        }
    }
}
