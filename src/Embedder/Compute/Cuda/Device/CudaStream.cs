using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>A queue of work of one device, done in the order it is given. Thread-safe.</summary>
internal sealed unsafe class CudaStream : IKernelLauncher, IDisposable
{
    private readonly KernelModule _kernels;

    public CudaStream(CudaDevice device, KernelModule kernels)
    {
        (Device, _kernels) = (device, kernels);
        device.MakeCurrent();
        nint handle;
        CudaStatus.Check(Libcuda.StreamCreate(&handle, Libcuda.StreamNonBlocking), "making a stream");
        Handle = handle;
    }

    public CudaDevice Device { get; }

    public nint Handle { get; }

    /// <inheritdoc/>
    public void Launch(string symbol, LaunchShape shape, void** arguments)
    {
        Device.MakeCurrent();
        var result = Libcuda.LaunchKernel(_kernels.Function(symbol), (uint)shape.GridX, (uint)shape.GridY, (uint)shape.GridZ, (uint)shape.Threads, 1, 1, (uint)shape.SharedBytes, Handle, arguments, null);
        if (result != Libcuda.Success) CudaStatus.Check(result, $"starting kernel {symbol}");
    }

    /// <param name="from">Pinned, and not to be written before the copy is done.</param>
    /// <param name="to">Device address.</param>
    /// <param name="bytes">0 does nothing.</param>
    public void Upload(void* from, DevicePointer to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyHtoDAsync(to.Address, from, (nuint)bytes, Handle), "copying to the GPU");
    }

    /// <param name="from">Device address.</param>
    /// <param name="to">Pinned.</param>
    /// <param name="bytes">0 does nothing.</param>
    public void Download(DevicePointer from, void* to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyDtoHAsync(to, from.Address, (nuint)bytes, Handle), "copying from the GPU");
    }

    /// <summary>Within the device.</summary>
    public void Copy(DevicePointer from, DevicePointer to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyDtoDAsync(to.Address, from.Address, (nuint)bytes, Handle), "copying on the GPU");
    }

    /// <summary>Between two devices; this stream's is one of them.</summary>
    public void CopyBetween(CudaDevice source, DevicePointer from, CudaDevice target, DevicePointer to, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemcpyPeerAsync(to.Address, target.Context, from.Address, source.Context, (nuint)bytes, Handle), $"copying from GPU {source.Ordinal} to GPU {target.Ordinal}");
    }

    public void Clear(DevicePointer address, long bytes)
    {
        if (bytes == 0) return;
        Device.MakeCurrent();
        CudaStatus.Check(Libcuda.MemsetD8Async(address.Address, 0, (nuint)bytes, Handle), "clearing memory of the GPU");
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
