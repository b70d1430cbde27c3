using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Features.State;

/// <summary>
/// The newest version of every item: of two versions the one with the later (time, event id) wins, whatever came first.
/// Items that were only ever shown or clicked have a number but no entry.
/// </summary>
internal sealed class Catalogue
{
    private Entry?[] _entries = [];

    /// <summary>Grows with every version taken in: whoever caches something about items asks whether it moved.</summary>
    public int Version { get; private set; }

    /// <summary>Items known by a version of their own.</summary>
    public int Count { get; private set; }

    public Entry? Find(int item) => (uint)item < (uint)_entries.Length ? _entries[item] : null;

    /// <returns>Whether the version is the item's newest now.</returns>
    public bool Update(int item, ItemUpserted version)
    {
        if (item >= _entries.Length) Array.Resize(ref _entries, Math.Max(item + 1, _entries.Length * 2));
        var known = _entries[item];
        var firstSeen = known is null || version.Time < known.FirstSeen ? version.Time : known.FirstSeen;
        if (known is null) Count++;
        var isNewest = known is null || Versions.IsNewer(version.Time, version.Id, known.Time, known.EventId);
        _entries[item] = isNewest
            ? new Entry(version.Item, version.Time, version.Id, firstSeen)
            : known! with { FirstSeen = firstSeen };
        Version++;
        return isNewest;
    }

    /// <summary>Puts back an entry that was written out.</summary>
    public void Restore(int item, Entry entry)
    {
        if (item >= _entries.Length) Array.Resize(ref _entries, Math.Max(item + 1, _entries.Length * 2));
        if (_entries[item] is null) Count++;
        _entries[item] = entry;
        Version++;
    }

    /// <summary>An item as it stands.</summary>
    /// <param name="Item">Its newest version.</param>
    /// <param name="Time">When that version came to be.</param>
    /// <param name="EventId">The event that brought it.</param>
    /// <param name="FirstSeen">The earliest version's time.</param>
    public sealed record Entry(Item Item, Timestamp Time, EventId EventId, Timestamp FirstSeen)
    {
        /// <summary>When the item came into being.</summary>
        public Timestamp Created => Item.Created ?? FirstSeen;

        /// <summary>Price in the currency of the shop: the attribute "price" or the first that begins with "price_"; null where it is not above 0 and finite as a float.</summary>
        public float? Price { get; } = FindPrice(Item.Attributes);

        // Attributes are texts; a number that features read is parsed once. Replaced whole, so that readers on several threads agree.
        private volatile (string Name, double? Value)[] _numbers = [];

        /// <summary>The attribute as a finite number, or null.</summary>
        public double? Number(string name)
        {
            foreach (var (known, value) in _numbers)
                if (ReferenceEquals(known, name) || known == name) return value;
            var number = Item.Attributes.Number(name);
            _numbers = [.. _numbers, (name, number)];
            return number;
        }

        private static float? FindPrice(AttributeSet attributes)
        {
            foreach (var (name, _) in attributes)
                if (name == "price" || name.StartsWith("price_", StringComparison.Ordinal))
                    return attributes.Number(name) is { } price && (float)price is > 0 and < float.PositiveInfinity ? (float)price : null;
            return null;
        }
    }
}
