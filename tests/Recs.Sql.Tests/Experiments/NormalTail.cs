namespace Recs.Sql.Tests.Experiments;

/// <summary>P(|Z| ≥ z) of a standard normal, by its Taylor series near 0 and its continued fraction far out: to 13 digits, another way than the SQL.</summary>
internal static class NormalTail
{
    /// <summary>The relative error that the reports state for their approximation.</summary>
    public const double SqlError = 1.2e-7;

    public static double TwoSided(double z)
    {
        z = Math.Abs(z);
        if (z < 3)
        {
            var (term, sum) = (z, z);
            for (var n = 1; n < 200; n++) sum += term *= z * z / (2 * n + 1);
            return 1 - 2 * sum * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        }
        var fraction = 0.0;
        for (var n = 300; n > 0; n--) fraction = n / (z + fraction);
        return 2 * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) / (z + fraction);
    }
}
