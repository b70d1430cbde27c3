namespace Recs.Ranker.Slates;

/// <summary>The stages of a ranking, in their order.</summary>
public enum RankStage
{
    /// <summary>Finding candidates.</summary>
    Sources = 0,
    /// <summary>Taking out what cannot be shown.</summary>
    Filters = 1,
    /// <summary>Reading features and terms of what was kept.</summary>
    Features = 2,
    /// <summary>Scoring.</summary>
    Heads = 3,
    /// <summary>Value, auction and the arrangement of the slate.</summary>
    Selection = 4,
}

/// <summary>What each stage of one ranking took. Belongs to one ranking at a time.</summary>
/// <param name="clock">Measures.</param>
public sealed class StageTimes(TimeProvider clock)
{
    /// <summary>How many stages there are.</summary>
    public const int Count = 5;

    private readonly long[] _ticks = new long[Count];
    private long _since = clock.GetTimestamp();

    /// <summary>What a stage took; zero for one that did not run.</summary>
    public TimeSpan this[RankStage stage] => clock.GetElapsedTime(0, _ticks[(int)stage]);

    /// <summary>A stage begins now: what passed since the last one was none's.</summary>
    internal void Begin() => _since = clock.GetTimestamp();

    /// <summary>A stage ends now and the next one begins.</summary>
    internal void End(RankStage stage)
    {
        var now = clock.GetTimestamp();
        _ticks[(int)stage] += now - _since;
        _since = now;
    }
}
