namespace Recs.Embedder;

/// <summary>What the matrix products compute with. Part of the embedding version.</summary>
public enum Precision
{
    /// <summary>float32 on the stored weights, FP8 ones widened exactly: the reference.</summary>
    Float32 = 0,

    /// <summary>
    /// As <see cref="Float32"/>, but the inputs of matrices that are stored as FP8 are rounded to FP8 (E4M3) with a scale for each token, which is
    /// how compressed-tensors checkpoints are meant to be served on GPUs. Changes nothing where no weight is FP8.
    /// </summary>
    Fp8Activations = 1,

    /// <summary>What a product reads and writes is bf16, stored float32 weights too; sums, the residual stream, softmax and router stay float32.</summary>
    BFloat16 = 2,

    /// <summary>
    /// As <see cref="Fp8Activations"/>, and routed experts that are stored wider are rounded to FP8 as they are loaded, with a scale for each output:
    /// half the memory of bf16 for nearly all of the weights.
    /// </summary>
    Fp8Experts = 3,
}
