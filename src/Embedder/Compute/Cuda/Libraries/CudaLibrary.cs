namespace Recs.Embedder.Compute.Cuda;

/// <summary>A library that is looked for under several names, the newest first.</summary>
/// <param name="Part">What people call it.</param>
/// <param name="BindingName">What the bindings call it.</param>
/// <param name="FileNames">File names on this system.</param>
/// <param name="PipFolders">Folders that NVIDIA's Python packages put it in, below site-packages.</param>
/// <param name="Advice">What to install.</param>
internal sealed record CudaLibrary(string Part, string BindingName, IReadOnlyList<string> FileNames, IReadOnlyList<string> PipFolders, string Advice)
{
    /// <summary>Comes with the graphics driver.</summary>
    public static CudaLibrary Driver { get; } = new("GPU driver", Native.Libcuda.Name, OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"], [],
        "install NVIDIA's driver");

    /// <summary>The run-time compiler.</summary>
    public static CudaLibrary Nvrtc { get; } = new("NVRTC", Native.Nvrtc.Name,
        OperatingSystem.IsWindows() ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"] : ["libnvrtc.so.13", "libnvrtc.so.12"], ["nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib"],
        "install CUDA's nvrtc (package cuda-nvrtc-12-9 or newer, or pip's nvidia-cuda-nvrtc)");

    /// <summary>Matrix products.</summary>
    public static CudaLibrary CublasLt { get; } = new("cuBLASLt", Native.CublasLt.Name,
        OperatingSystem.IsWindows() ? ["cublasLt64_13.dll", "cublasLt64_12.dll"] : ["libcublasLt.so.13", "libcublasLt.so.12"], ["nvidia/cu13/lib", "nvidia/cublas/lib"],
        "install CUDA's libcublas (package libcublas-12-9 or newer, or pip's nvidia-cublas)");

    /// <summary>All that the backend needs.</summary>
    public static IReadOnlyList<CudaLibrary> All { get; } = [Driver, Nvrtc, CublasLt];
}
