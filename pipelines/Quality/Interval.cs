namespace Recs.Pipelines.Quality;

/// <summary>The middle 95 % of bootstrap draws.</summary>
internal static class Interval
{
    /// <param name="draws">NaN draws (a class was missing from the draw) are left out.</param>
    /// <returns>Null when none is finite.</returns>
    public static QualityInterval? Of(IEnumerable<double> draws)
    {
        var sorted = draws.Where(double.IsFinite).Order().ToArray();
        return sorted.Length == 0 ? null : new(At(sorted, 0.025), At(sorted, 0.975));
    }

    /// <summary>Between two draws: straight.</summary>
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }
}
