using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Compute;

/// <summary>Opens the backend that options ask for.</summary>
internal static class ComputeBackends
{
    /// <exception cref="Domain.RefusedException">There is a GPU, but it does not do as it is told.</exception>
    public static IComputeBackend Open(EmbedderOptions options)
    {
        if (options.Backend == Backend.Cuda)
        {
            try
            {
                return CudaBackend.Open(options.Precision, options.Devices);
            }
            catch (CudaUnavailableException missing)
            {
                options.Notice?.Invoke($"no GPU is used, the CPU computes instead: {missing.Message}");
            }
        }
        return new CpuBackend(options.Precision);
    }
}
