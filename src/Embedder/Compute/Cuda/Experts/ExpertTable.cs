namespace Recs.Embedder.Compute.Cuda;

/// <summary>The addresses of a group of experts' matrices, as the kernels read them: numbers, then scales, of gate and up, then of down.</summary>
internal sealed class ExpertTable : IDisposable
{
    private readonly DeviceBuffer _memory;
    private readonly int _stride;

    public ExpertTable(CudaDevice device, ReadOnlySpan<ExpertWeights> experts, CudaStream stream)
    {
        // Each of the four tables at a multiple of 16 bytes.
        _stride = (experts.Length + 1) / 2 * 2;
        var addresses = new ulong[4 * _stride];
        for (var e = 0; e < experts.Length; e++)
        {
            var (gateUp, down) = ((CudaMatrix)experts[e].GateUp_fd, (CudaMatrix)experts[e].Down_di);
            (addresses[e], addresses[_stride + e]) = (gateUp.Numbers.Address, gateUp.Scales.Address);
            (addresses[2 * _stride + e], addresses[3 * _stride + e]) = (down.Numbers.Address, down.Scales.Address);
        }
        using var pinned = new PinnedBuffer(device);
        pinned.Reserve(addresses.Length * sizeof(ulong));
        _memory = new DeviceBuffer(device, "a table of experts");
        _memory.Reserve(addresses.Length * sizeof(ulong));
        unsafe
        {
            addresses.CopyTo(new Span<ulong>(pinned.Pointer, addresses.Length));
            stream.Upload(pinned.Pointer, _memory.Pointer, addresses.Length * sizeof(ulong));
        }
        stream.Wait();
    }

    public DevicePointer GateUp => _memory.Pointer;

    public DevicePointer GateUpScales => At(1);

    public DevicePointer Down => At(2);

    public DevicePointer DownScales => At(3);

    public void Dispose() => _memory.Dispose();

    private DevicePointer At(int table) => _memory.Pointer.Plus((long)table * _stride * sizeof(ulong));
}
