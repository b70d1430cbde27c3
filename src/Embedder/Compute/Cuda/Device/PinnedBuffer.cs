using System.Globalization;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Host memory that stays where it is, so that the device copies from and to it by itself. Grows, losing its content; one owner.</summary>
internal sealed unsafe class PinnedBuffer(CudaDevice device) : IDisposable
{
    public byte* Pointer { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Grows to at least <paramref name="bytes"/>. No copy may be under way.</summary>
    /// <returns>Whether the address is another one now.</returns>
    /// <exception cref="CudaException">The system gives no more memory that stays in place.</exception>
    public bool Reserve(long bytes)
    {
        if (bytes <= Bytes) return false;
        Dispose();
        device.MakeCurrent();
        void* pointer;
        var result = Libcuda.MemHostAlloc(&pointer, (nuint)bytes, Libcuda.HostAllocPortable);
        if (result != Libcuda.Success)
            throw CudaStatus.Failure(result, string.Create(CultureInfo.InvariantCulture, $"pinning {bytes / 1e6:0.###} MB of host memory"), "free some of the machine's memory, or raise the limit of locked memory");
        Pointer = (byte*)pointer;
        Bytes = bytes;
        return true;
    }

    public void Dispose()
    {
        if (Pointer is null) return;
        device.MakeCurrent();
        _ = Libcuda.MemFreeHost(Pointer);
        Pointer = null;
        Bytes = 0;
    }
}
