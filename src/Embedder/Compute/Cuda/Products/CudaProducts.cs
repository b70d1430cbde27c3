using Recs.Domain;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Matrix products of one compute instance by cuBLASLt, with FP8 inputs rounded on the way. One caller at a time.</summary>
internal sealed unsafe class CudaProducts(CudaStream stream, CudaKernels kernels, CudaArena arena) : IDisposable
{
    private readonly GemmPlans _plans = new(stream.Device);
    private readonly DeviceBuffer _rounded = arena.NewBuffer("FP8 inputs");
    private readonly DeviceBuffer _roundedScales = arena.NewBuffer("scales of FP8 inputs");
    private readonly Dictionary<int, DeviceBuffer> _spans = [];

    /// <summary>Whether cuBLASLt does a product of FP8 factors with a scale a row and an output on this device.</summary>
    public bool HasFp8(CudaMatrix w_nk) => _plans.Has(Fp8Shape(w_nk));

    /// <summary>y[t, n] = Σ x[t, k] · w[n, k], numbers to numbers.</summary>
    public void Multiply(DevicePointer x_tk, int rows, CudaMatrix w_nk, DevicePointer y_tn)
    {
        if (rows == 0) return;
        w_nk.Use(stream);
        if (w_nk.Number == DeviceNumber.E4M3)
        {
            var (rounded, scales) = Round(x_tk, rows, w_nk.Inputs);
            MultiplyFp8(rounded, scales, rows, w_nk, y_tn);
            return;
        }
        _plans.Run(stream, new GemmShape(w_nk.Outputs, w_nk.Inputs, w_nk.Number, w_nk.Number), x_tk, rows, w_nk.Numbers, y_tn);
    }

    /// <summary>As <see cref="Multiply"/>, with the sums as they are.</summary>
    /// <exception cref="RefusedException">The weights are FP8.</exception>
    public void MultiplyToFloat32(DevicePointer x_tk, int rows, CudaMatrix w_nk, DevicePointer y_tn)
    {
        if (w_nk.Number == DeviceNumber.E4M3) throw new RefusedException("a router in FP8 is not computed with on the GPU; take --precision float32 or bf16");
        w_nk.Use(stream);
        _plans.Run(stream, new GemmShape(w_nk.Outputs, w_nk.Inputs, w_nk.Number, DeviceNumber.Float32), x_tk, rows, w_nk.Numbers, y_tn);
    }

    /// <summary>Rows to FP8 with a scale each. Valid until the next call.</summary>
    public (DevicePointer Rounded, DevicePointer Scales) Round(DevicePointer x_td, int rows, int columns)
    {
        arena.Reserve(_rounded, (long)rows * columns);
        arena.Reserve(_roundedScales, (long)rows * sizeof(float));
        kernels.QuantizeRows(x_td, DevicePointer.None, DevicePointer.None, rows, columns, _rounded.Pointer, _roundedScales.Pointer);
        return (_rounded.Pointer, _roundedScales.Pointer);
    }

    /// <summary>A product of rows that are FP8 already; where cuBLASLt has none, by the kernel that streams experts: the same factors, summed in another order.</summary>
    public void MultiplyFp8(DevicePointer x_tk, DevicePointer xScales_t, int rows, CudaMatrix w_nk, DevicePointer y_tn)
    {
        w_nk.Use(stream);
        if (HasFp8(w_nk)) _plans.Run(stream, Fp8Shape(w_nk), x_tk, rows, w_nk.Numbers, y_tn, xScales_t, w_nk.Scales);
        else kernels.ExpertStreamFp8(x_tk, xScales_t, w_nk.NumbersTable, w_nk.ScalesTable, Span(rows), 1, w_nk.Outputs, w_nk.Inputs, y_tn);
    }

    public void Dispose() => _plans.Dispose();

    private static GemmShape Fp8Shape(CudaMatrix w_nk) => new(w_nk.Outputs, w_nk.Inputs, DeviceNumber.E4M3, DeviceNumber.BFloat16, IsScaled: true);

    /// <summary>int32 0 and <paramref name="rows"/>, on the device: all rows are the one expert's.</summary>
    private DevicePointer Span(int rows)
    {
        if (_spans.TryGetValue(rows, out var known)) return known.Pointer;
        var span = arena.NewBuffer("a number of rows");
        arena.Reserve(span, 2 * sizeof(int));
        using var pinned = new PinnedBuffer(stream.Device);
        pinned.Reserve(2 * sizeof(int));
        var values = (int*)pinned.Pointer;
        (values[0], values[1]) = (0, rows);
        stream.Upload(values, span.Pointer, 2 * sizeof(int));
        stream.Wait();
        _spans[rows] = span;
        return span.Pointer;
    }
}
