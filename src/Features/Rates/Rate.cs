namespace Recs.Features.Rates;

/// <summary>Arithmetic of rates.</summary>
internal static class Rate
{
    /// <summary>A rate drawn towards a prior: (k + s·prior) / (n + s).</summary>
    /// <param name="positives">k, at least 0.</param>
    /// <param name="trials">n, at least k.</param>
    /// <param name="prior">What is believed where nothing was tried, in (0, 1).</param>
    /// <param name="strength">s: the trials after which the rate's own evidence weighs as much as the prior; above 0.</param>
    public static double Smooth(double positives, double trials, double prior, double strength) => (positives + strength * prior) / (trials + strength);

    /// <summary>ln(p / (1 − p)), p held to [1e-4, 1 − 1e-4].</summary>
    public static double LogOdds(double rate)
    {
        var held = Math.Clamp(rate, 1e-4, 1 - 1e-4);
        return Math.Log(held / (1 - held));
    }
}
