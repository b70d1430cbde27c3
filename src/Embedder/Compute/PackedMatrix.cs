using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>
/// A weight matrix in panels of <see cref="Width"/> outputs: panel p holds [Inputs, Width], so that a kernel reads it from front to back.
/// The numbers stay in their stored format, so that the matrix takes no more memory than its file; the kernel widens a panel when it
/// comes to it. Outputs that fill up the last panel are zero.
/// </summary>
internal sealed unsafe class PackedMatrix : Matrix
{
    /// <summary>Outputs a panel: two vectors of eight.</summary>
    public const int Width = 16;

    private readonly NativeBlock _block;
    private readonly float[]? _scales;
    private readonly int _elementBytes;

    private PackedMatrix(int outputs, int inputs, ElementType type, float[]? scales) : base(outputs, inputs)
    {
        (Type, _scales, _elementBytes) = (type, scales, ElementWidening.SizeOf(type));
        Panels = (outputs + Width - 1) / Width;
        _block = new NativeBlock((long)Panels * PanelBytes);
        if (outputs % Width != 0) Unsafe.InitBlock(Panel(Panels - 1), 0, checked((uint)PanelBytes));
    }

    public ElementType Type { get; }

    public int Panels { get; }

    /// <summary>FP8 only: what each output's numbers are multiplied by, [outputs, filled up to whole panels].</summary>
    public ReadOnlySpan<float> Scales => _scales;

    private long PanelBytes => (long)Width * Inputs * _elementBytes;

    public byte* Panel(int panel) => _block.Pointer + panel * PanelBytes;

    /// <param name="stacked">Above one another along their outputs.</param>
    /// <param name="all">The format that everything is brought to; null: each stays as it is stored.</param>
    /// <exception cref="RefusedException">A number is not finite, or an FP8 scale is missing.</exception>
    public static PackedMatrix Pack(ReadOnlySpan<MatrixSource> stacked, ElementType? all = null)
    {
        if (stacked[0].IsRounded) return Pack(Fp8Matrix.Round(stacked));
        var (outputs, inputs) = (0, stacked[0].Inputs);
        float[]?[] scales = new float[]?[stacked.Length];
        for (var s = 0; s < stacked.Length; s++)
        {
            if (stacked[s].Inputs != inputs) throw new ArgumentException($"{stacked[s].Tensor.Name} has {stacked[s].Inputs} inputs, its neighbours {inputs}");
            outputs += stacked[s].Outputs;
            scales[s] = stacked[s].ReadScales();
        }
        // Matrices of several formats, or with scales on wider numbers, become float32; nothing published needs that.
        var type = stacked[0].Tensor.Type;
        foreach (var source in stacked)
            if (source.Tensor.Type != type || (source.Scale is not null && type != ElementType.F8E4M3)) type = ElementType.F32;
        type = all ?? type;
        var packed = new PackedMatrix(outputs, inputs, type, type == ElementType.F8E4M3 ? new float[(outputs + Width - 1) / Width * Width] : null);
        try
        {
            var first = 0;
            for (var s = 0; s < stacked.Length; s++)
            {
                if (packed._scales is not null) scales[s]!.CopyTo(packed._scales.AsSpan(first));
                PanelPacking.Copy(stacked[s], packed._scales is null ? scales[s] : null, packed, first);
                first += stacked[s].Outputs;
            }
            return packed;
        }
        catch
        {
            packed.Dispose();
            throw;
        }
    }

    private static PackedMatrix Pack(Fp8Matrix rounded)
    {
        var packed = new PackedMatrix(rounded.Outputs, rounded.Inputs, ElementType.F8E4M3, new float[(rounded.Outputs + Width - 1) / Width * Width]);
        rounded.Scales_n.CopyTo(packed._scales.AsSpan());
        fixed (byte* numbers = rounded.Numbers_nk) PanelPacking.Place(numbers, false, packed, 0, 0, rounded.Outputs, rounded.Inputs);
        return packed;
    }

    public override void Dispose() => _block.Free();

    /// <summary>
    /// Widens inputs [<paramref name="first"/>, first + <paramref name="count"/>) of a panel to rows of Width numbers that lie
    /// <paramref name="stride"/> apart; FP8 ones times their scales where <paramref name="isScaled"/>.
    /// </summary>
    public void Widen(int panel, int first, int count, bool isScaled, float* to, int stride)
    {
        var from = Panel(panel) + (nint)first * Width * _elementBytes;
        switch (Type)
        {
            case ElementType.F32: Widen<StoredFloat32>(from, count, to, stride); break;
            case ElementType.BF16: Widen<StoredBFloat16>(from, count, to, stride); break;
            case ElementType.F16: Widen<StoredFloat16>(from, count, to, stride); break;
            case ElementType.F8E4M3 when !isScaled: Widen<StoredE4M3>(from, count, to, stride); break;
            default: WidenScaled(from, count, to, stride, _scales.AsSpan(panel * Width, Width)); break;
        }
    }

    private static void Widen<TStored>(byte* from, int count, float* to, int stride) where TStored : struct, IStoredNumber
    {
        for (var k = 0; k < count; k++)
        {
            TStored.LoadEight(from).Store(to);
            TStored.LoadEight(from + 8 * TStored.Bytes).Store(to + 8);
            from += Width * TStored.Bytes;
            to += stride;
        }
    }

    private static void WidenScaled(byte* from, int count, float* to, int stride, ReadOnlySpan<float> scales)
    {
        var (low, high) = (Vector256.Create(scales[..8]), Vector256.Create(scales[8..]));
        for (var k = 0; k < count; k++)
        {
            (StoredE4M3.LoadEight(from) * low).Store(to);
            (StoredE4M3.LoadEight(from + 8) * high).Store(to + 8);
            from += Width;
            to += stride;
        }
    }
}
