namespace Recs.Embedder.Compute.Cuda;

/// <summary>A weight matrix on a device, [outputs, inputs]: a table of two addresses (numbers, scales), the scales if it has them, the numbers.</summary>
internal sealed class CudaMatrix : Matrix
{
    /// <summary>What cuBLASLt and the kernels want addresses to be multiples of.</summary>
    private const long Alignment = 256;

    private readonly CudaWeights _owner;
    private readonly WeightBlock _block;
    private CudaEvent? _arrived;
    private long _upload;
    private CudaStream? _reader;

    /// <param name="owner">Where its memory comes from.</param>
    /// <param name="block">Of <see cref="BytesOf"/>.</param>
    /// <param name="outputs">n</param>
    /// <param name="inputs">k</param>
    /// <param name="number">What a weight is.</param>
    public CudaMatrix(CudaWeights owner, WeightBlock block, int outputs, int inputs, DeviceNumber number) : base(outputs, inputs) =>
        (_owner, _block, Number) = (owner, block, number);

    public CudaDevice Device => _owner.Device;

    public DeviceNumber Number { get; }

    /// <summary>Device table of one address: that of <see cref="Numbers"/>.</summary>
    public DevicePointer NumbersTable => _block.Pointer;

    /// <summary>Device table of one address: that of <see cref="Scales"/>.</summary>
    public DevicePointer ScalesTable => _block.Pointer.Plus(sizeof(ulong) * 2);

    /// <summary>float32 [n]; E4M3 only.</summary>
    public DevicePointer Scales => _block.Pointer.Plus(Alignment);

    public DevicePointer Numbers => _block.Pointer.Plus(Alignment + ScaleBytes(Outputs, Number));

    /// <summary>Every expert's address of a group that this matrix is the first of; made when it is first needed.</summary>
    public ExpertTable? Group { get; set; }

    /// <summary>Bytes of a matrix with all that belongs to it.</summary>
    public static long BytesOf(int outputs, int inputs, DeviceNumber number) =>
        Alignment + ScaleBytes(outputs, number) + (checked((long)outputs * inputs * GemmShape.BytesOf(number)) + Alignment - 1) / Alignment * Alignment;

    /// <summary>The copies that fill it have been given to their stream.</summary>
    public void Arrives(CudaEvent arrived, long upload) => (_arrived, _upload) = (arrived, upload);

    /// <summary>What <paramref name="stream"/> is given next may read it.</summary>
    public void Use(CudaStream stream)
    {
        _reader = stream;
        // What has arrived for certain need not be waited for, and within a graph it must not be.
        if (_arrived is { } arrived && !_owner.HasSettled(_upload)) arrived.Before(stream);
    }

    public override void Dispose()
    {
        Group?.Dispose();
        Group = null;
        _owner.Return(_block, _arrived, _reader);
        _arrived = null;
    }

    private static long ScaleBytes(int outputs, DeviceNumber number) => number == DeviceNumber.E4M3 ? (outputs * sizeof(float) + Alignment - 1) / Alignment * Alignment : 0;
}

/// <summary>float32 on a device.</summary>
internal sealed class CudaVector(DevicePointer pointer, int length) : Vector(length)
{
    public DevicePointer Pointer => pointer;
}

/// <summary>Rows are looked up on the host, as on the CPU, and copied: a table is used so little that device memory would be wasted on it.</summary>
internal sealed class CudaEmbeddingTable(CpuEmbeddingTable host) : EmbeddingTable(host.Rows, host.Columns)
{
    public CpuEmbeddingTable Host => host;
}
