using Recs.Domain;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// A CUDA library said no. The message is whole: what was being done, the error by the name CUDA gives it, and what to do. What was finished
/// before it, such as the blocks of a file of vectors, is kept.
/// </summary>
internal sealed class CudaException : RefusedException
{
    public CudaException(string message, int code) : base(message) => Code = code;

    /// <summary>The CUresult, nvrtcResult or cublasStatus_t.</summary>
    public int Code { get; }
}

/// <summary>There is no GPU to compute with here: a library, a device or a driver that is new enough is missing. The CPU can take over.</summary>
internal sealed class CudaUnavailableException(string message) : RefusedException(message);
