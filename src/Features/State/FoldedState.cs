using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.State;

/// <summary>Distinct events folded into ranking state, with what is to be said of them. Many readers or one writer.</summary>
public sealed class FoldedState
{
    private readonly SortedDictionary<string, long> _events = new(StringComparer.Ordinal) { ["item"] = 0, ["user"] = 0, ["impression"] = 0, ["interaction"] = 0 };

    /// <summary>Nothing folded yet.</summary>
    public FoldedState() : this(new RankingState(), new EventTally()) { }

    private FoldedState(RankingState state, EventTally tally) => (State, Tally) = (state, tally);

    /// <summary>What ranking reads.</summary>
    public RankingState State { get; }

    /// <summary>Which events were folded.</summary>
    public EventTally Tally { get; }

    /// <summary>Events by type, every type named.</summary>
    public IReadOnlyDictionary<string, long> Events => _events;

    /// <summary>Events of all types.</summary>
    public long Facts => Tally.Count;

    /// <summary>Items of the catalogue.</summary>
    public int Items => State.ItemCount;

    /// <summary>Users seen in any event.</summary>
    public int Users => State.UserCount;

    /// <summary>Series of counters.</summary>
    public long FeatureRows => StateDigest.CountSeries(State);

    /// <summary>The fold of distinct events, in the order given.</summary>
    public static FoldedState Of(IEnumerable<Event> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var folded = new FoldedState();
        foreach (var source in events) folded.Apply(source);
        return folded;
    }

    /// <summary>Folds one event in. The caller sees to it that each distinct event comes once.</summary>
    public void Apply(Event source)
    {
        State.Apply(source);
        Tally.Add(source);
        _events[TypeOf(source)]++;
    }

    /// <inheritdoc cref="RankingState.Forget"/>
    public bool Forget(UserId user, IReadOnlyCollection<Event> events)
    {
        if (!State.Forget(user, events)) return false;
        foreach (var source in events)
        {
            Tally.Remove(source);
            _events[TypeOf(source)]--;
        }
        return true;
    }

    /// <summary>64 hex digits over the events and the state.</summary>
    public string Digest() => StateDigest.Compute(State, Tally);

    /// <summary>Puts together what <see cref="StateFile"/> read.</summary>
    internal static FoldedState Restore(RankingState state, EventTally tally, IEnumerable<KeyValuePair<string, long>> events)
    {
        var folded = new FoldedState(state, tally);
        foreach (var (type, count) in events) folded._events[type] = count;
        return folded;
    }

    private static string TypeOf(Event source) => source switch
    {
        ItemUpserted => "item",
        UserUpserted => "user",
        Impression => "impression",
        Interaction => "interaction",
        _ => throw new InvalidOperationException($"the set of events is closed, yet {source.GetType().Name} came"),
    };
}
