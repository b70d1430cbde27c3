using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>How a number lies in device memory. The values are cuBLASLt's (cudaDataType).</summary>
internal enum DeviceNumber
{
    Float32 = CublasLt.Real32F,
    BFloat16 = CublasLt.Real16BF,

    /// <summary>FP8 with 4 exponent and 3 mantissa bits; its scales lie beside it.</summary>
    E4M3 = CublasLt.Real8E4M3,
}

/// <summary>Everything about a product y[t, n] = Σ x[t, k] · w[n, k] but its rows.</summary>
/// <param name="Outputs">n</param>
/// <param name="Inputs">k</param>
/// <param name="Factors">Of x and w.</param>
/// <param name="Result">Of y.</param>
/// <param name="IsScaled">Whether y[t, n] is also multiplied by a factor a row of x and one a row of w (E4M3 only).</param>
internal readonly record struct GemmShape(int Outputs, int Inputs, DeviceNumber Factors, DeviceNumber Result, bool IsScaled = false)
{
    /// <summary>A kernel's format as a product's.</summary>
    public static DeviceNumber Of(NumberFormat format) => format == NumberFormat.BFloat16 ? DeviceNumber.BFloat16 : DeviceNumber.Float32;

    public static int BytesOf(DeviceNumber number) => number switch
    {
        DeviceNumber.Float32 => 4,
        DeviceNumber.BFloat16 => 2,
        _ => 1,
    };
}
