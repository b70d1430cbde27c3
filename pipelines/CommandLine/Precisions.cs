using Recs.Embedder;

namespace Recs.Pipelines.CommandLine;

/// <summary>The words of <c>--precision</c>.</summary>
internal static class Precisions
{
    public static string[] Names { get; } = ["float32", "bf16", "fp8", "fp8-experts"];

    /// <summary>Of one of <see cref="Names"/>.</summary>
    public static Precision Of(string name) => name switch
    {
        "bf16" => Precision.BFloat16,
        "fp8" => Precision.Fp8Activations,
        "fp8-experts" => Precision.Fp8Experts,
        _ => Precision.Float32,
    };
}
