namespace Recs.Pipelines.Bench;

/// <summary>The middle of measurements: one that was disturbed does not move it.</summary>
internal static class Median
{
    /// <param name="values">At least one. Of an even number of them the mean of the middle two.</param>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length > 0 ? (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2 : throw new ArgumentException("no values", nameof(values));
    }
}
