namespace Recs.Pipelines.Simulate;

/// <summary>
/// A clock whose dates run faster than its timers: a day in a minute. Deadlines, pauses and measured times stay real, so a server under it is as fast or as
/// slow as it is; only what it takes for the present moves on quickly.
/// </summary>
internal sealed class FastClock : TimeProvider
{
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _start;
    private readonly long _begun;

    /// <param name="clock">The clock that runs.</param>
    /// <param name="start">What date it is now.</param>
    /// <param name="speed">Seconds of dates in a second of the clock, above 0.</param>
    public FastClock(TimeProvider clock, DateTimeOffset start, double speed) => (_clock, _start, _begun, Speed) = (clock, start, clock.GetTimestamp(), speed);

    /// <summary>Seconds of dates in a second of the clock.</summary>
    public double Speed { get; }

    public override DateTimeOffset GetUtcNow() => _start + _clock.GetElapsedTime(_begun) * Speed;

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(callback, state, dueTime, period);
}
