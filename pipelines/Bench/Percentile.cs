namespace Recs.Pipelines.Bench;

/// <summary>The value that a share of the measurements do not exceed.</summary>
internal static class Percentile
{
    /// <param name="sorted">In rising order.</param>
    /// <param name="share">Above 0, at most 1.</param>
    /// <returns>One of the measurements, by nearest rank; 0 where there are none.</returns>
    public static double Of(ReadOnlySpan<double> sorted, double share) => sorted.IsEmpty ? 0 : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
