namespace Recs.Embedder.Compute.Cuda;

/// <summary>Rows on a device. What a number is, is up to whoever wrote last; there is room for float32.</summary>
internal sealed class CudaTensor : Tensor
{
    private readonly CudaArena _arena;
    private readonly DeviceBuffer _buffer;

    public CudaTensor(CudaArena arena, int columns) : base(columns) => (_arena, _buffer) = (arena, arena.NewBuffer("activations"));

    public DevicePointer Pointer => _buffer.Pointer;

    public NumberFormat Format { get; private set; }

    /// <summary>A branch that is still to be added to these rows: the next norm does it on its way.</summary>
    public CudaTensor? Due { get; set; }

    /// <summary>The address of a row.</summary>
    public DevicePointer Row(int row) => Pointer.Plus((long)row * Columns * (Format == NumberFormat.BFloat16 ? 2 : 4));

    public override void Fit(int rows)
    {
        _arena.Reserve(_buffer, (long)rows * Columns * sizeof(float));
        Rows = rows;
    }

    /// <summary>As <see cref="Fit(int)"/>, to be written in a format.</summary>
    public CudaTensor Fit(int rows, NumberFormat format)
    {
        Fit(rows);
        Format = format;
        return this;
    }
}
