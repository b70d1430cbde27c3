namespace Recs.Api.Tests;

/// <summary>Stands at a moment when made and runs on from there, as a demo's clock does.</summary>
internal sealed class ShiftedClock(DateTimeOffset start) : TimeProvider
{
    private readonly long _made = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_made);
}
