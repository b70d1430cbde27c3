namespace Recs.Pipelines.CommandLine;

/// <summary>A clock that stood at a given moment when it was made and has run on from there: history replayed as if it were now. Timers are the real ones.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private readonly TimeProvider _clock;
    private readonly TimeSpan _shift;

    /// <param name="clock">The clock that runs.</param>
    /// <param name="start">What time it is now.</param>
    public ShiftedClock(TimeProvider clock, DateTimeOffset start)
    {
        _clock = clock;
        _shift = start - clock.GetUtcNow();
    }

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow() + _shift;

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(callback, state, dueTime, period);
}
