using Recs.Ranker.Slates;

namespace Recs.Api.Ranking;

/// <summary>
/// Picks the step of the ladder for a ranking: the best one that, by what it took lately, will be done in the time that is left. A step that was not
/// measured is tried. A step that seemed too slow is believed less with every <see cref="HalfLife"/> that it was not run, so that it is tried again and
/// quality returns by itself. A step that failed several times in a row rests. Safe from any thread.
/// </summary>
/// <param name="clock">Ages the measurements.</param>
internal sealed class DegradationControl(TimeProvider clock)
{
    /// <summary>Time after which an estimate counts half.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(5);

    /// <summary>How long a failing step is left out.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>Failures in a row after which it is: one request alone must not take the step from the others.</summary>
    public const int Failures = 3;

    private readonly Lock _gate = new();
    private readonly Step[] _steps = [.. Enum.GetValues<Degradation>().Select(_ => new Step())];

    /// <summary>The step to run.</summary>
    /// <param name="left">Time that is left; nothing or less gives the last step.</param>
    /// <param name="candidates">How many candidates there will be, at least 0.</param>
    /// <param name="best">The best step that may be chosen.</param>
    public Degradation Choose(TimeSpan left, int candidates, Degradation best)
    {
        if (left <= TimeSpan.Zero) return Degradation.Popularity;
        var now = clock.GetTimestamp();
        lock (_gate)
            for (var step = best; step < Degradation.Popularity; step++)
                if (_steps[(int)step] is var known && now >= known.RestsUntil && Expected(known, candidates, now) <= left.TotalSeconds) return step;
        return Degradation.Popularity;
    }

    /// <summary>What a step took.</summary>
    public void Observe(Degradation step, int candidates, TimeSpan took)
    {
        lock (_gate)
        {
            var known = _steps[(int)step];
            known.Cost.Add(candidates, took.TotalSeconds);
            (known.Measured, known.Failed) = (clock.GetTimestamp(), 0);
        }
    }

    /// <summary>A step failed.</summary>
    public void Failed(Degradation step)
    {
        lock (_gate)
        {
            var known = _steps[(int)step];
            if (++known.Failed < Failures) return;
            // Once more after the rest, and one failure is enough then.
            (known.RestsUntil, known.Failed) = (clock.GetTimestamp() + (long)(Rest.TotalSeconds * clock.TimestampFrequency), Failures - 1);
        }
    }

    private double Expected(Step step, int candidates, long now) =>
        !step.Cost.IsKnown ? 0 : step.Cost.Cautious(candidates) * Math.Pow(2, -clock.GetElapsedTime(step.Measured, now) / HalfLife);

    private sealed class Step
    {
        public CostEstimate Cost { get; } = new();
        public long Measured { get; set; }
        public long RestsUntil { get; set; } = long.MinValue;
        public int Failed { get; set; }
    }
}
