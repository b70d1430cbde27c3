using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ranker.Slates;

/// <summary>
/// What each user was shown lately, as a fold of the impressions: for frequency caps and "already seen". Of a user the newest <see cref="PerUser"/> shown
/// items are kept and those of the same second as the oldest of them, and nobody may ask further back than <see cref="HorizonDays"/>: what is answered is
/// the same for any order of the facts. Bounded by some 8 bytes × <see cref="PerUser"/> a user. Thread rule: many readers or one writer.
/// </summary>
public sealed class ExposureLedger
{
    /// <summary>UTC days, today included, that can be asked about.</summary>
    public const int HorizonDays = 7;

    /// <summary>Shown items kept of a user.</summary>
    public const int PerUser = 256;

    private readonly Dictionary<string, int> _items = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly Dictionary<string, Exposures> _users = new(StringComparer.Ordinal);
    private Timestamp _newest;

    /// <summary>Users of whom something is kept.</summary>
    public int Users => _users.Count;

    /// <summary>Takes in one event. The caller sees to it that each distinct event comes once.</summary>
    public void Apply(Event source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Time > _newest) _newest = source.Time;
        if (source is not Impression impression || impression.Time.DayIndex <= _newest.DayIndex - HorizonDays) return;
        ref var exposures = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, impression.User.Value, out _);
        exposures ??= new Exposures();
        exposures.Drop((int)(Timestamp.OfDay(_newest.DayIndex - HorizonDays + 1).Milliseconds / 1_000));
        foreach (var shown in impression.Items) exposures.Add(new((int)(impression.Time.Milliseconds / 1_000), Number(shown.Item.Value)));
    }

    /// <summary>Takes a user's exposures away.</summary>
    public void Forget(UserId user) => _users.Remove(user.Value);

    /// <summary>What a user was shown; a view that is valid while the ledger does not change.</summary>
    public UserExposures Of(UserId user) => new(this, _users.GetValueOrDefault(user.Value));

    private int Number(string item)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_items, item, out var known);
        if (!known)
        {
            number = _names.Count;
            _names.Add(item);
        }
        return number;
    }

    /// <summary>How often a user was shown what.</summary>
    public readonly struct UserExposures
    {
        private readonly ExposureLedger _ledger;
        private readonly Exposures? _exposures;

        internal UserExposures(ExposureLedger ledger, Exposures? exposures) => (_ledger, _exposures) = (ledger, exposures);

        /// <summary>Whether nothing is kept of the user.</summary>
        public bool IsEmpty => _exposures is null;

        /// <summary>Times an item was shown on the days from <paramref name="sinceDay"/> on.</summary>
        public int Count(ItemId item, int sinceDay) => _exposures is null || !_ledger._items.TryGetValue(item.Value, out var number) ? 0 : _exposures.Count(number, sinceDay);

        /// <summary>Every exposure from <paramref name="sinceDay"/> on, an item as often as it was shown.</summary>
        public IEnumerable<ItemId> Since(int sinceDay)
        {
            if (_exposures is null) yield break;
            foreach (var entry in _exposures.Entries)
                if (entry.Second / 86_400 >= sinceDay) yield return new ItemId(_ledger._names[entry.Item]);
        }
    }

    internal readonly record struct Exposure(int Second, int Item);

    internal sealed class Exposures
    {
        private Exposure[] _entries = [];
        private int _count;

        public IEnumerable<Exposure> Entries => _entries.Take(_count);

        public int Count(int item, int sinceDay)
        {
            var times = 0;
            for (var at = _count - 1; at >= 0 && _entries[at].Second / 86_400 >= sinceDay; at--)
                if (_entries[at].Item == item) times++;
            return times;
        }

        public void Add(Exposure exposure)
        {
            var at = _count;
            while (at > 0 && _entries[at - 1].Second > exposure.Second) at--;
            if (_count == _entries.Length) Array.Resize(ref _entries, Math.Max(8, _count * 2));
            Array.Copy(_entries, at, _entries, at + 1, _count - at);
            _entries[at] = exposure;
            _count++;
            // A whole second goes at once, and only while as many stay as are promised: which ones stay depends on no order.
            while (_count > PerUser)
            {
                var oldest = 1;
                while (oldest < _count && _entries[oldest].Second == _entries[0].Second) oldest++;
                if (_count - oldest < PerUser) break;
                RemoveFirst(oldest);
            }
        }

        public void Drop(int before)
        {
            var stale = 0;
            while (stale < _count && _entries[stale].Second < before) stale++;
            if (stale > 0) RemoveFirst(stale);
        }

        private void RemoveFirst(int count)
        {
            Array.Copy(_entries, count, _entries, 0, _count - count);
            _count -= count;
        }
    }
}
