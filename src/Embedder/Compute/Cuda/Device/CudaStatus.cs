using System.Runtime.InteropServices;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Turns the libraries' results into exceptions whose messages a person can act on.</summary>
internal static unsafe class CudaStatus
{
    /// <param name="result">A CUresult.</param>
    /// <param name="doing">What was being done, such as "copying to the device".</param>
    /// <exception cref="CudaException">It is not success.</exception>
    public static void Check(int result, string doing)
    {
        if (result != Libcuda.Success) throw Failure(result, doing, "a driver reset, another program or a defect may be the cause: recs doctor shows the driver and the device");
    }

    public static CudaException Failure(int result, string doing, string advice) => new($"GPU: {doing} failed: {NameOf(result)} ({TextOf(result)}); {advice}", result);

    /// <param name="result">A cublasStatus_t.</param>
    /// <param name="doing">What was being done.</param>
    /// <exception cref="CudaException">It is not success.</exception>
    public static void CheckProduct(int result, string doing)
    {
        if (result != CublasLt.Success) throw new CudaException($"GPU: {doing} failed: {ProductName(result)} of cuBLASLt {CublasLt.GetVersion()}; another version of the library may do it, or --backend cpu", result);
    }

    /// <summary>CUDA's name of a CUresult, such as CUDA_ERROR_OUT_OF_MEMORY.</summary>
    public static string NameOf(int result)
    {
        byte* text;
        return Libcuda.GetErrorName(result, &text) == Libcuda.Success ? Marshal.PtrToStringUTF8((nint)text)! : $"CUDA error {result}";
    }

    private static string TextOf(int result)
    {
        byte* text;
        return Libcuda.GetErrorString(result, &text) == Libcuda.Success ? Marshal.PtrToStringUTF8((nint)text)! : "the driver has no text for it";
    }

    private static string ProductName(int status) => status switch
    {
        1 => "CUBLAS_STATUS_NOT_INITIALIZED",
        3 => "CUBLAS_STATUS_ALLOC_FAILED",
        7 => "CUBLAS_STATUS_INVALID_VALUE",
        8 => "CUBLAS_STATUS_ARCH_MISMATCH",
        13 => "CUBLAS_STATUS_EXECUTION_FAILED",
        14 => "CUBLAS_STATUS_INTERNAL_ERROR",
        15 => "CUBLAS_STATUS_NOT_SUPPORTED",
        _ => $"cublasStatus_t {status}",
    };
}
