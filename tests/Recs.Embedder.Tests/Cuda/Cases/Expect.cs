using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>Comparisons of a case. A NaN where a number is expected fails.</summary>
internal static class Expect
{
    /// <summary>|actual − expected| ≤ relative · |expected| + absolute, number by number.</summary>
    public static void Close(string what, float[] actual, double[] expected, double relative, double absolute)
    {
        if (actual.Length != expected.Length) throw new CaseFailedException($"{what}: {actual.Length} numbers, expected {expected.Length}");
        for (var i = 0; i < actual.Length; i++)
            if (!(Math.Abs(actual[i] - expected[i]) <= relative * Math.Abs(expected[i]) + absolute))
                throw new CaseFailedException($"{what}: [{i}] is {actual[i]:R}, expected {expected[i]:R} within {relative} · |expected| + {absolute}");
    }

    /// <summary>A result rounded once to its format, of sums in float32 of numbers about one.</summary>
    public static void Rounded(string what, float[] actual, double[] expected, NumberFormat format) =>
        Close(what, actual, expected, format == NumberFormat.Float32 ? 4e-6 : 0.00393, format == NumberFormat.Float32 ? 4e-6 : 1e-5);

    public static void Same<T>(string what, T[] actual, T[] expected) where T : unmanaged
    {
        if (actual.Length != expected.Length) throw new CaseFailedException($"{what}: {actual.Length} values, expected {expected.Length}");
        for (var i = 0; i < actual.Length; i++)
            if (!EqualityComparer<T>.Default.Equals(actual[i], expected[i])) throw new CaseFailedException($"{what}: [{i}] is {actual[i]}, expected {expected[i]}");
    }
}
