using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>The driver, once its libraries are open and it has started. Thread-safe.</summary>
internal static unsafe class CudaDriver
{
    /// <summary>CUDA 12.0: what older drivers lack is not worked around.</summary>
    private const int LeastVersion = 12_000;

    /// <summary>Opens the libraries, starts the driver and counts its devices.</summary>
    /// <exception cref="CudaUnavailableException">Something is missing, or too old.</exception>
    public static CudaVersions Start(CudaSearch search)
    {
        CudaLibraries.Load(search);
        var started = Libcuda.Init(0);
        if (started != Libcuda.Success) throw new CudaUnavailableException($"the GPU driver does not start: {CudaStatus.NameOf(started)}{Advice(started)}");
        int version, major, minor, devices;
        CudaStatus.Check(Libcuda.DriverGetVersion(&version), "asking for the driver's version");
        CudaStatus.Check(Libcuda.DeviceGetCount(&devices), "counting devices");
        if (Nvrtc.Version(&major, &minor) != Nvrtc.Success) throw new CudaUnavailableException("NVRTC does not tell its version; install it again");
        var versions = new CudaVersions(version, major * 1000 + minor * 10, CublasLt.GetVersion(), devices);
        if (devices == 0) throw new CudaUnavailableException($"the GPU driver ({CudaVersions.Text(version)}) has no device{Advice(Libcuda.NoDevice)}");
        if (version < LeastVersion)
            throw new CudaUnavailableException($"the GPU driver is too old (cudaErrorInsufficientDriver): it speaks CUDA {CudaVersions.Text(version)}, at least {CudaVersions.Text(LeastVersion)} is needed; install a newer driver");
        if (version / 1000 < major)
            throw new CudaUnavailableException($"the GPU driver is too old (cudaErrorInsufficientDriver): it speaks CUDA {CudaVersions.Text(version)}, but NVRTC is of CUDA {major}.{minor}; install a newer driver, or NVRTC {version / 1000}");
        return versions;
    }

    private static string Advice(int result) => result switch
    {
        Libcuda.NoDevice => "; check that the GPU is built in, that this container may see it, and CUDA_VISIBLE_DEVICES",
        Libcuda.SystemDriverMismatch => "; the driver's two halves differ: restart the machine after its installation",
        _ => "; nvidia-smi must run before this can",
    };
}

/// <summary>What is installed.</summary>
/// <param name="Driver">1000 · major + 10 · minor of the CUDA version the driver speaks.</param>
/// <param name="Nvrtc">In the same form.</param>
/// <param name="CublasLt">In its own form.</param>
/// <param name="Devices">At least 1.</param>
internal sealed record CudaVersions(int Driver, int Nvrtc, nuint CublasLt, int Devices)
{
    /// <summary>13000 as 13.0.</summary>
    public static string Text(int version) => $"{version / 1000}.{version % 1000 / 10}";
}
