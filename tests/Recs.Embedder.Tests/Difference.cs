namespace Recs.Embedder.Tests;

internal static class Difference
{
    /// <summary>Largest absolute difference; NaN counts as infinite.</summary>
    public static double Largest(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(a.Length, b.Length);
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs((double)a[i] - b[i]);
            if (double.IsNaN(difference)) return double.PositiveInfinity;
            largest = Math.Max(largest, difference);
        }
        return largest;
    }
}
