using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>A device with its kernels and its weights. Owns all three.</summary>
internal sealed class CudaGpu : IDisposable
{
    private CudaGpu(CudaDevice device, KernelModule kernels, Precision precision)
    {
        (Device, Kernels) = (device, kernels);
        Weights = new CudaWeights(device, kernels, precision);
    }

    public CudaDevice Device { get; }

    public KernelModule Kernels { get; }

    public CudaWeights Weights { get; }

    /// <exception cref="Domain.RefusedException">There is no such device, or it does not do as it is told.</exception>
    public static CudaGpu Open(int ordinal, int devices, Precision precision)
    {
        var device = CudaDevice.Open(ordinal, devices);
        KernelModule? kernels = null;
        try
        {
            kernels = KernelModule.Load(device, KernelCache.OfUser());
            return new CudaGpu(device, kernels, precision);
        }
        catch
        {
            kernels?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>A stream with what computes on it.</summary>
    public (CudaStream Stream, CudaArena Arena, CudaKernels Kernels, CudaProducts Products) NewLane(Precision precision)
    {
        var (stream, arena) = (new CudaStream(Device, Kernels), new CudaArena(Device));
        var kernels = new CudaKernels(stream, CudaWeights.FormatOf(precision));
        return (stream, arena, kernels, new CudaProducts(stream, kernels, arena));
    }

    public void Dispose()
    {
        Weights.Dispose();
        Kernels.Dispose();
        Device.Dispose();
    }
}
