using Recs.Domain;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder;

/// <summary>A library of NVIDIA's.</summary>
/// <param name="Name">Such as cuBLASLt.</param>
/// <param name="FoundAs">The name or path it opened by; null: not found.</param>
/// <param name="Missing">Where it was looked for and what to install; null where it was found.</param>
public sealed record GpuLibrary(string Name, string? FoundAs, string? Missing);

/// <summary>A GPU of this machine.</summary>
/// <param name="Number">The driver's.</param>
/// <param name="Name">Its maker's.</param>
/// <param name="Architecture">Such as sm_90.</param>
/// <param name="FreeBytes">Of its memory, of all programs together.</param>
/// <param name="TotalBytes">Of its memory.</param>
public sealed record Gpu(int Number, string Name, string Architecture, long FreeBytes, long TotalBytes);

/// <summary>What the CUDA backend finds here. Immutable.</summary>
/// <param name="Libraries">Driver, run-time compiler, products.</param>
/// <param name="Versions">Of all three, in words; null where they do not start.</param>
/// <param name="Devices">Empty where there is none to compute with.</param>
/// <param name="Reason">Why there is none; null where there is one.</param>
public sealed record Gpus(IReadOnlyList<GpuLibrary> Libraries, string? Versions, IReadOnlyList<Gpu> Devices, string? Reason)
{
    /// <summary>Looks. Starts the driver where it is found.</summary>
    public static Gpus Find()
    {
        var search = CudaSearch.Here;
        List<GpuLibrary> libraries = [.. CudaLibrary.All.Select(library => CudaLibraries.TryLoad(library, search) is { } found ? new GpuLibrary(library.Part, found, null) : new GpuLibrary(library.Part, null, search.Describe(library)))];
        try
        {
            var versions = CudaDriver.Start(search);
            var devices = Enumerable.Range(0, versions.Devices).Select(number => Read(number, versions.Devices)).ToList();
            return new Gpus(libraries, $"driver for CUDA {CudaVersions.Text(versions.Driver)}, NVRTC {CudaVersions.Text(versions.Nvrtc)}, cuBLASLt {versions.CublasLt}", devices, null);
        }
        catch (RefusedException refused)
        {
            return new Gpus(libraries, null, [], refused.Message);
        }
    }

    private static Gpu Read(int number, int devices)
    {
        using var device = CudaDevice.Open(number, devices);
        var (free, total) = device.Memory();
        return new Gpu(number, device.Name, device.Architecture, free, total);
    }
}
