using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Pipelines.State;

/// <summary>Facts folded into ranking state, with what is to be said of it.</summary>
internal sealed class FoldedState
{
    private readonly RankingState _state = new();
    private readonly StateDigest _digest = new();

    private readonly SortedDictionary<string, long> _events = new(StringComparer.Ordinal) { ["item"] = 0, ["user"] = 0, ["impression"] = 0, ["interaction"] = 0 };

    /// <summary>Events by type, every type named.</summary>
    public IReadOnlyDictionary<string, long> Events => _events;

    /// <summary>Items of the catalogue.</summary>
    public int Items => _state.ItemCount;

    /// <summary>Users seen in any event.</summary>
    public int Users => _state.UserCount;

    /// <summary>Series of counters.</summary>
    public long FeatureRows => StateDigest.CountSeries(_state);

    /// <summary>The fold of distinct events, in the order given.</summary>
    public static FoldedState Of(IEnumerable<Event> events)
    {
        var folded = new FoldedState();
        foreach (var source in events) folded.Apply(source);
        return folded;
    }

    /// <summary>64 hex digits over the events and the state.</summary>
    public string Digest() => _digest.Compute(_state);

    private void Apply(Event source)
    {
        _state.Apply(source);
        _digest.Add(source);
        _events[TypeOf(source)]++;
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
