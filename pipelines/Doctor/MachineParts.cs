using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Recs.Pipelines.Doctor;

/// <summary>The machine: runtime, cores, memory, instructions.</summary>
internal static class MachineParts
{
    private const double Gibibyte = 1 << 30;

    public static IEnumerable<Finding> Find()
    {
        // The program would not have started on an older runtime.
        yield return Finding.Ok(".NET", $"{Environment.Version} on {RuntimeInformation.RuntimeIdentifier}", needed: true);
        yield return Finding.Ok("cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gibibyte;
        yield return Finding.Ok("memory", string.Create(CultureInfo.InvariantCulture, $"{memory:0.0} GiB for this process"));
        var vectors = Vectors();
        yield return vectors.Count > 0
            ? Finding.Ok("CPU vectors", string.Join(", ", vectors))
            : Finding.Without("CPU vectors", "neither AVX2 nor NEON: embedding works, slowly", "run on a CPU with AVX2 (x86 since 2013) or NEON (64-bit ARM)");
    }

    private static List<string> Vectors()
    {
        List<string> names = [];
        if (Avx2.IsSupported) names.Add("AVX2");
        if (Fma.IsSupported) names.Add("FMA");
        if (Avx512F.IsSupported) names.Add("AVX-512");
        if (AdvSimd.IsSupported) names.Add("NEON");
        return names;
    }
}
