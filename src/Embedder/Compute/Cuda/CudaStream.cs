using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>A queue of work of one device, done in order. Used by one thread at a time.</summary>
internal sealed unsafe class CudaStream : IDisposable
{
    public CudaStream(CudaDevice device)
    {
        Device = device;
        device.MakeCurrent();
        nint handle;
        CudaStatus.Check(Libcuda.StreamCreate(&handle, Libcuda.StreamNonBlocking), "making a stream");
        Handle = handle;
    }

    public CudaDevice Device { get; }

    public nint Handle { get; }

    /// <param name="from">Pinned, and not to be written before the copy is done.</param>
    /// <param name="to">Device address.</param>
    /// <param name="bytes">0 does nothing.</param>
    public void Upload(void* from, ulong to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyHtoDAsync(to, from, (nuint)bytes, Handle), "copying to the GPU");
    }

    /// <param name="from">Device address.</param>
    /// <param name="to">Pinned.</param>
    /// <param name="bytes">0 does nothing.</param>
    public void Download(ulong from, void* to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyDtoHAsync(to, from, (nuint)bytes, Handle), "copying from the GPU");
    }

    /// <summary>Within the device.</summary>
    public void Copy(ulong from, ulong to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyDtoDAsync(to, from, (nuint)bytes, Handle), "copying on the GPU");
    }

    /// <summary>To this device from another one.</summary>
    public void CopyPeer(CudaDevice source, ulong from, ulong to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyPeerAsync(to, Device.Context, from, source.Context, (nuint)bytes, Handle), $"copying from GPU {source.Ordinal} to GPU {Device.Ordinal}");
    }

    public void Clear(ulong address, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemsetD8Async(address, 0, (nuint)bytes, Handle), "clearing memory of the GPU");
    }

    /// <summary>Holds up the caller until all is done.</summary>
    public void Wait()
    {
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.StreamSynchronize(Handle), "waiting for the GPU");
    }

    public void Dispose()
    {
        Device.MakeCurrent();
        _ = Libcuda.StreamDestroy(Handle);
    }
}
