namespace Recs.Pipelines.Plan;

/// <summary>What is done in a second, and where the figure comes from.</summary>
/// <param name="PerSecond">Bytes, or floating-point operations.</param>
/// <param name="Source">A few words: given, or how it was measured.</param>
internal sealed record MeasuredRate(double PerSecond, string Source)
{
    /// <summary>A person said so.</summary>
    public static MeasuredRate Given(double perSecond) => new(perSecond, "given");
}
