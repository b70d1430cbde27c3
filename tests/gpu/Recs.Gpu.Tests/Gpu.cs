using Recs.Embedder.Compute.Cuda;

namespace Recs.Gpu.Tests;

/// <summary>The first GPU, with the kernels compiled for it by the compiler that is there.</summary>
internal sealed class Gpu : IDisposable
{
    public Gpu()
    {
        var versions = CudaDriver.Start(CudaSearch.Here);
        Device = CudaDevice.Open(0, versions.Devices);
        Kernels = KernelModule.Load(Device, KernelCache.OfUser());
        Stream = new CudaStream(Device, Kernels);
        Description = $"{Device.Name}, {Device.Architecture}, {Device.Memory().Total / 1e9:F0} GB, {KernelCompiler.Fingerprint(Device.Architecture)}";
    }

    public CudaDevice Device { get; }

    public KernelModule Kernels { get; }

    public CudaStream Stream { get; }

    public string Description { get; }

    public void Dispose()
    {
        Stream.Dispose();
        Kernels.Dispose();
        Device.Dispose();
    }
}
