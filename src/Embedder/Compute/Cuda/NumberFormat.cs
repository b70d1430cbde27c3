namespace Recs.Embedder.Compute.Cuda;

/// <summary>What a product reads and writes on the device: a "number" of ADR 0011. A kernel's symbol ends in its name.</summary>
internal enum NumberFormat
{
    /// <summary>float32, the reference. <c>_f32</c></summary>
    Float32,

    /// <summary>bf16. <c>_bf16</c></summary>
    BFloat16,
}
