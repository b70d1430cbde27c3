using Recs.Domain;

namespace Recs.Embedder.Compute;

/// <summary>
/// A weight matrix as float32 panels of <see cref="Width"/> outputs: panel p holds [Inputs, Width], so that the kernel reads it
/// from front to back. Outputs that fill up the last panel are zero.
/// </summary>
internal sealed unsafe class PackedMatrix : Matrix
{
    /// <summary>Outputs a panel: two 8-lane vectors.</summary>
    public const int Width = 16;

    private readonly AlignedFloats _floats;

    private PackedMatrix(int outputs, int inputs) : base(outputs, inputs)
    {
        Panels = (outputs + Width - 1) / Width;
        _floats = new AlignedFloats((long)Panels * Width * inputs);
        if (outputs % Width != 0) new Span<float>(Panel(Panels - 1), Width * inputs).Clear();
    }

    public int Panels { get; }

    public float* Panel(int panel) => _floats.Pointer + (nint)panel * Width * Inputs;

    /// <exception cref="RefusedException">A number is not finite, or an FP8 scale is missing.</exception>
    public static PackedMatrix Pack(ReadOnlySpan<MatrixSource> stacked)
    {
        var outputs = 0;
        foreach (var source in stacked) outputs += source.Outputs;
        var packed = new PackedMatrix(outputs, stacked[0].Inputs);
        var first = 0;
        foreach (var source in stacked)
        {
            if (source.Inputs != packed.Inputs) throw new ArgumentException($"{source.Tensor.Name} has {source.Inputs} inputs, its neighbours {packed.Inputs}");
            if (source.InputMajor) packed.CopyInputMajor(source, first);
            else packed.CopyOutputMajor(source, first);
            first += source.Outputs;
        }
        return packed;
    }

    private void CopyOutputMajor(MatrixSource source, int firstOutput)
    {
        var scales = source.ReadScales();
        var row_k = new float[Inputs];
        for (var n = 0; n < source.Outputs; n++)
        {
            Read(source, source.First + (long)n * Inputs, row_k);
            var to = Panel((firstOutput + n) / Width) + (firstOutput + n) % Width;
            var scale = scales[n];
            for (var k = 0; k < row_k.Length; k++) to[(nint)k * Width] = row_k[k] * scale;
        }
    }

    private void CopyInputMajor(MatrixSource source, int firstOutput)
    {
        var scales = source.ReadScales();
        var row_n = new float[source.Outputs];
        for (var k = 0; k < Inputs; k++)
        {
            Read(source, source.First + (long)k * source.Outputs, row_n);
            for (var n = 0; n < row_n.Length; n++)
            {
                var output = firstOutput + n;
                Panel(output / Width)[(nint)k * Width + output % Width] = row_n[n] * scales[n];
            }
        }
    }

    private static void Read(MatrixSource source, long first, float[] to)
    {
        source.Tensor.Widen(first, to);
        source.Tensor.RequireFinite(first, to);
    }
}
