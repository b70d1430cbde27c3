using Recs.Domain;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>What a user did with each item, for all time: what they were positive about, and, apart from it, what they disliked.</summary>
internal sealed class UserHistory
{
    private readonly ItemDays _liked = new();

    /// <summary>Items the user was ever positive about.</summary>
    public IReadOnlyDictionary<int, TileList> Items => _liked.Items;

    /// <summary>Negative interactions.</summary>
    public ItemDays Disliked { get; } = new();

    /// <summary>The user's day tiles of positive interactions with an item, oldest first; empty without history.</summary>
    public ReadOnlySpan<Tile> Find(int item) => _liked.Find(item);

    /// <summary>Puts back the positive tiles of an item that were written out.</summary>
    public void Restore(int item, ReadOnlySpan<Tile> tiles) => _liked.Restore(item, tiles);

    /// <summary>Adds (sign +1) or takes away (−1) one positive interaction.</summary>
    public void Add(int item, Timestamp time, int sign) => _liked.Add(item, time, sign);
}

/// <summary>
/// Day tiles by item, for all time, so that "how often" and "when last" are integers that add up in any order.
/// Bounded by the user's own distinct (item, day) pairs.
/// </summary>
internal sealed class ItemDays
{
    private readonly Dictionary<int, TileList> _byItem = [];

    /// <summary>Tiles by interned item; the order says nothing.</summary>
    public IReadOnlyDictionary<int, TileList> Items => _byItem;

    /// <summary>The day tiles of an item, oldest first; empty without any.</summary>
    public ReadOnlySpan<Tile> Find(int item) => _byItem.TryGetValue(item, out var tiles) ? tiles.Tiles : [];

    /// <summary>Puts back the tiles of an item that were written out.</summary>
    public void Restore(int item, ReadOnlySpan<Tile> tiles)
    {
        var list = new TileList();
        list.Restore(tiles);
        _byItem[item] = list;
    }

    /// <summary>Adds (sign +1) or takes away (−1) one interaction.</summary>
    public void Add(int item, Timestamp time, int sign)
    {
        if (!_byItem.TryGetValue(item, out var tiles)) _byItem.Add(item, tiles = new TileList());
        tiles.Add(time.DayIndex, time.Seconds - time.DayIndex * 86_400L, 0, sign, oldest: int.MinValue);
        if (tiles.Tiles.IsEmpty) _byItem.Remove(item);
    }
}
