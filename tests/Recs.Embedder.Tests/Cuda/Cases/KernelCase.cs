using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>One launch, or a few, whose result is known.</summary>
/// <param name="File">The .cu file it is a test of.</param>
/// <param name="Name">Format and shape.</param>
/// <param name="Run">Throws <see cref="CaseFailedException"/> where the result is wrong.</param>
internal sealed record KernelCase(string File, string Name, Action<CaseDevice> Run)
{
    public static readonly NumberFormat[] Formats = [NumberFormat.Float32, NumberFormat.BFloat16];

    /// <summary>Every case of every kernel.</summary>
    public static IReadOnlyList<KernelCase> All { get; } =
        [.. RowCases.All(), .. AttentionCases.All(), .. RoutingCases.All(), .. Fp8Cases.All(), .. ExpertCases.All(), .. WeightCases.All()];

    /// <summary>One case for each number format.</summary>
    public static IEnumerable<KernelCase> InBoth(string file, string name, Action<CaseDevice, CudaKernels> run) =>
        Formats.Select(format => new KernelCase(file, $"{name} {format}", device => run(device, new CudaKernels(device, format))));

    public override string ToString() => $"{File} {Name}";
}

internal sealed class CaseFailedException(string message) : Exception(message);
