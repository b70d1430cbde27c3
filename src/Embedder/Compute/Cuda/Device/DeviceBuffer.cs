namespace Recs.Embedder.Compute.Cuda;

/// <summary>Device memory of one owner that grows and never shrinks. Growing loses the content.</summary>
/// <param name="device">Where.</param>
/// <param name="use">What for, for messages.</param>
internal sealed class DeviceBuffer(CudaDevice device, string use) : IDisposable
{
    /// <summary>Sizes are whole multiples, so that a few more rows do not move a buffer.</summary>
    private const long Step = 4096;

    public DevicePointer Pointer { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Grows to at least <paramref name="bytes"/>.</summary>
    /// <returns>Whether the address is another one now.</returns>
    /// <exception cref="CudaException">There is not enough memory; the buffer is empty then.</exception>
    public bool Reserve(long bytes)
    {
        if (bytes <= Bytes) return false;
        Dispose();
        var rounded = (bytes + Step - 1) / Step * Step;
        Pointer = new DevicePointer(device.Allocate(rounded, use));
        Bytes = rounded;
        return true;
    }

    public void Dispose()
    {
        if (!Pointer.IsNone) device.Free(Pointer.Address);
        (Pointer, Bytes) = (DevicePointer.None, 0);
    }
}
