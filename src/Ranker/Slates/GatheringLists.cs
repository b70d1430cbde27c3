using System.Collections.Concurrent;
using Recs.Domain;

namespace Recs.Ranker.Slates;

/// <summary>What gathering one request's candidates fills and gathering the next one's fills again. Belongs to one request at a time.</summary>
internal sealed class GatheringLists : IDisposable
{
    private static readonly ConcurrentBag<GatheringLists> Idle = [];

    private GatheringLists() { }

    /// <summary>Empty lists; to be disposed of once, when nothing reads them any more.</summary>
    public static GatheringLists Rent() => Idle.TryTake(out var lists) ? lists : new();

    /// <summary>What the sources found, each item once.</summary>
    public List<ItemId> Found { get; } = [];

    /// <summary>The same as a set.</summary>
    public HashSet<ItemId> Seen { get; } = [];

    /// <summary>What the filters kept.</summary>
    public List<KeptCandidate> Kept { get; } = [];

    /// <summary>Leaves the lists to the next request.</summary>
    public void Dispose()
    {
        Found.Clear();
        Seen.Clear();
        Kept.Clear();
        Idle.Add(this);
    }
}
