using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>
/// A matrix [Outputs, Inputs] inside a stored tensor. Linear weights are stored output by output ([out, in]);
/// fused experts input by input ([expert, in, out]).
/// </summary>
/// <param name="Tensor">Where the numbers are.</param>
/// <param name="First">The element at output 0, input 0.</param>
/// <param name="Outputs">Columns of the result of a linear map.</param>
/// <param name="Inputs">Columns of its argument.</param>
/// <param name="InputMajor">True: rows of <paramref name="Outputs"/> numbers, one an input.</param>
/// <param name="Scale">FP8 only: what each stored number is multiplied by, one for all, one an output, or one an output of each expert.</param>
/// <param name="FirstScale">The scale of output 0.</param>
internal sealed record MatrixSource(TensorView Tensor, long First, int Outputs, int Inputs, bool InputMajor, TensorView? Scale = null, long FirstScale = 0)
{
    /// <summary>The routed expert it belongs to, or null.</summary>
    public int? Expert { get; init; }

    /// <summary>Whether the numbers are rounded to FP8 as they are loaded, see <see cref="Fp8Matrix"/>.</summary>
    public bool IsRounded { get; init; }

    /// <summary>One factor an output, or null where the numbers count as they are.</summary>
    /// <exception cref="RefusedException">FP8 without scales, or scales that do not fit.</exception>
    public float[]? ReadScales()
    {
        if (Scale is null)
        {
            if (Tensor.Type == ElementType.F8E4M3)
                throw new RefusedException($"{Tensor.FilePath}: tensor {Tensor.Name} is F8_E4M3 but no {Tensor.Name}_scale is stored; only per-tensor and per-channel FP8 is read");
            return null;
        }
        if (Scale.Count == 1)
        {
            var scales = new float[Outputs];
            Array.Fill(scales, Scale.ReadFinite(0, 1)[0]);
            return scales;
        }
        if (FirstScale + Outputs > Scale.Count) throw new RefusedException($"{Scale.FilePath}: tensor {Scale.Name} has shape [{string.Join(", ", Scale.Shape)}]; expected one scale for each of {Outputs} outputs");
        return Scale.ReadFinite(FirstScale, Outputs);
    }
}
