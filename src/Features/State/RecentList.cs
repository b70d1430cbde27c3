using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.State;

/// <summary>One interaction in a user's recent list.</summary>
/// <param name="Item">Interned item.</param>
/// <param name="Type">What was done.</param>
/// <param name="Time">When.</param>
/// <param name="EventId">Decides between interactions of the same time.</param>
internal readonly record struct RecentInteraction(int Item, InteractionType Type, Timestamp Time, EventId EventId);

/// <summary>
/// A user's newest interactions, oldest first, at most <see cref="Capacity"/>. Ordered by (time, event id) and cut at the
/// old end, so the list is the same for any order of the same events.
/// </summary>
internal sealed class RecentList
{
    public const int Capacity = 100;

    private RecentInteraction[] _entries = [];
    private int _count;

    public ReadOnlySpan<RecentInteraction> Entries => _entries.AsSpan(0, _count);

    public void Add(RecentInteraction interaction)
    {
        var at = _count;
        while (at > 0 && IsNewer(_entries[at - 1], interaction)) at--;
        if (_count == Capacity)
        {
            if (at == 0) return;
            Array.Copy(_entries, 1, _entries, 0, at - 1);
            _entries[at - 1] = interaction;
            return;
        }
        if (_count == _entries.Length) Array.Resize(ref _entries, Math.Min(Capacity, Math.Max(8, _count * 2)));
        Array.Copy(_entries, at, _entries, at + 1, _count - at);
        _entries[at] = interaction;
        _count++;
    }

    private static bool IsNewer(in RecentInteraction a, in RecentInteraction b) => Versions.IsNewer(a.Time, a.EventId, b.Time, b.EventId);
}
