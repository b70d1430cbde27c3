using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.State;

/// <summary>One interaction in a user's recent list.</summary>
/// <param name="Item">Interned item.</param>
/// <param name="Type">What was done.</param>
/// <param name="Time">When.</param>
internal readonly record struct RecentInteraction(int Item, InteractionType Type, Timestamp Time);

/// <summary>
/// A user's newest interactions, oldest first, at most <see cref="Capacity"/>. Ordered by (time, item id, type) and cut at the old end, so the list is the same for
/// any order of the same events: two entries that are equal in all three may change places unseen.
/// </summary>
internal sealed class RecentList
{
    public const int Capacity = 100;

    private RecentInteraction[] _entries = [];
    private int _count;

    public ReadOnlySpan<RecentInteraction> Entries => _entries.AsSpan(0, _count);

    /// <param name="interaction">What to take in.</param>
    /// <param name="items">The items' ids, which decide between interactions of the same moment.</param>
    public void Add(in RecentInteraction interaction, Interner items)
    {
        var at = _count;
        while (at > 0 && IsNewer(_entries[at - 1], interaction, items)) at--;
        if (_count == Capacity)
        {
            if (at == 0) return;
            Array.Copy(_entries, 1, _entries, 0, at - 1);
            _entries[at - 1] = interaction;
            return;
        }
        if (_count == _entries.Length) Reserve(Math.Min(Capacity, Math.Max(8, _count * 2)));
        Array.Copy(_entries, at, _entries, at + 1, _count - at);
        _entries[at] = interaction;
        _count++;
    }

    /// <summary>Puts back an entry, the oldest first.</summary>
    public void Restore(in RecentInteraction interaction)
    {
        if (_count == _entries.Length) Reserve(Math.Max(8, _count * 2));
        _entries[_count++] = interaction;
    }

    /// <summary>Makes room for so many entries.</summary>
    public void Reserve(int entries)
    {
        if (entries > _entries.Length) Array.Resize(ref _entries, entries);
    }

    private static bool IsNewer(in RecentInteraction a, in RecentInteraction b, Interner items)
    {
        if (a.Time != b.Time) return a.Time > b.Time;
        if (a.Item != b.Item) return string.CompareOrdinal(items[a.Item], items[b.Item]) > 0;
        return a.Type > b.Type;
    }
}
