namespace Recs.Embedder.Planning;

/// <summary>The number format that a checkpoint known by its config.json alone is taken to be stored in.</summary>
public enum StoredAs
{
    /// <summary>Everything in bf16: 2 bytes a number, as Scout and Maverick were published.</summary>
    BFloat16 = 0,

    /// <summary>Everything in float32: 4 bytes a number.</summary>
    Float32 = 1,

    /// <summary>Routed experts in FP8 with a bf16 scale an output, the rest in bf16, as Maverick-FP8 was published.</summary>
    Fp8Experts = 2,
}
