using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>A point in a stream that others can wait for. One never recorded counts as passed.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private readonly CudaDevice _device;
    private readonly nint _handle;

    public CudaEvent(CudaDevice device)
    {
        _device = device;
        device.MakeCurrent();
        nint handle;
        CudaStatus.Check(Libcuda.EventCreate(&handle, Libcuda.EventDisableTiming), "making an event");
        _handle = handle;
    }

    /// <summary>Now stands behind what <paramref name="stream"/> has been given so far.</summary>
    public void Record(CudaStream stream)
    {
        _device.MakeCurrent();
        CudaStatus.Check(Libcuda.EventRecord(_handle, stream.Handle), "recording an event");
    }

    /// <summary>What <paramref name="stream"/> is given from now on runs after this point.</summary>
    public void Before(CudaStream stream)
    {
        stream.Device.MakeCurrent();
        CudaStatus.Check(Libcuda.StreamWaitEvent(stream.Handle, _handle, 0), "waiting for an event");
    }

    /// <summary>Holds up the caller.</summary>
    public void Wait()
    {
        _device.MakeCurrent();
        CudaStatus.Check(Libcuda.EventSynchronize(_handle), "waiting for the GPU");
    }

    public void Dispose()
    {
        _device.MakeCurrent();
        _ = Libcuda.EventDestroy(_handle);
    }
}
