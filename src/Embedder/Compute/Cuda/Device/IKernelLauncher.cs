namespace Recs.Embedder.Compute.Cuda;

/// <summary>Where kernels run: a stream of the driver, or a simulator. Launches run one after another in the order of the calls.</summary>
internal unsafe interface IKernelLauncher
{
    /// <summary>Starts a kernel.</summary>
    /// <param name="symbol">The kernel's name in its module, such as <c>add_bf16</c>.</param>
    /// <param name="shape">Blocks, threads and shared memory; never empty.</param>
    /// <param name="arguments">The address of each argument in order, as cuLaunchKernel takes them. They are read before the call returns.</param>
    void Launch(string symbol, LaunchShape shape, void** arguments);
}

/// <summary>The geometry of one launch.</summary>
/// <param name="GridX">Blocks in x, up to 2^31 − 1.</param>
/// <param name="GridY">Blocks in y, up to 65,535.</param>
/// <param name="GridZ">Blocks in z, up to 65,535.</param>
/// <param name="Threads">Threads a block, a multiple of 32, up to 1,024.</param>
/// <param name="SharedBytes">Dynamic shared memory a block, up to 48 KiB: no kernel asks for more, so none needs an opt-in.</param>
internal readonly record struct LaunchShape(int GridX, int GridY, int GridZ, int Threads, int SharedBytes);
