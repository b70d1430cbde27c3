using Recs.Domain;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// Day tiles by item, for all time, so that "how often" and "when last" are integers that add up in any order: one array in order of interned item and day.
/// Bounded by the user's own distinct (item, day) pairs.
/// </summary>
internal sealed class ItemDays
{
    private int[] _items = [];
    private Tile[] _tiles = [];
    private int _length;

    /// <summary>Distinct items.</summary>
    public int Count { get; private set; }

    /// <summary>The day of the first interaction; <see cref="int.MaxValue"/> without any.</summary>
    public int FirstDay { get; private set; } = int.MaxValue;

    /// <summary>Items with their tiles, in order of interned item, which says nothing.</summary>
    public IEnumerable<(int Item, int First, int Length)> Runs
    {
        get
        {
            for (int first = 0, next; first < _length; first = next)
            {
                for (next = first + 1; next < _length && _items[next] == _items[first];) next++;
                yield return (_items[first], first, next - first);
            }
        }
    }

    /// <summary>The interned items, each as often as it has days, in order.</summary>
    public ReadOnlySpan<int> ItemOfTile => _items.AsSpan(0, _length);

    /// <summary>The tiles, in the order of <see cref="ItemOfTile"/>.</summary>
    public ReadOnlySpan<Tile> AllTiles => _tiles.AsSpan(0, _length);

    /// <summary>The tiles of a run.</summary>
    public ReadOnlySpan<Tile> Tiles(int first, int length) => _tiles.AsSpan(first, length);

    /// <summary>The day tiles of an item, oldest first; empty without any.</summary>
    public ReadOnlySpan<Tile> Find(int item)
    {
        var first = Lower(item);
        var next = first;
        while (next < _length && _items[next] == item) next++;
        return _tiles.AsSpan(first, next - first);
    }

    /// <summary>Puts back the tiles of an item that were written out.</summary>
    public void Restore(int item, ReadOnlySpan<Tile> tiles)
    {
        foreach (ref readonly var tile in tiles) Restore(item, tile);
    }

    /// <summary>Puts back one tile; quick where they come in the order of <see cref="ItemOfTile"/>.</summary>
    public void Restore(int item, in Tile tile)
    {
        var isLast = _length == 0 || _items[_length - 1] < item || _items[_length - 1] == item && _tiles[_length - 1].Index < tile.Index;
        Insert(isLast ? _length : Lower(item, tile.Index), item, tile);
    }

    /// <summary>Makes room for so many tiles.</summary>
    public void Reserve(int tiles)
    {
        if (tiles <= _items.Length) return;
        Array.Resize(ref _items, tiles);
        Array.Resize(ref _tiles, tiles);
    }

    /// <summary>Adds (sign +1) or takes away (−1) one interaction.</summary>
    public void Add(int item, Timestamp time, int sign)
    {
        var day = time.DayIndex;
        var at = Lower(item, day);
        if (at == _length || _items[at] != item || _tiles[at].Index != day) Insert(at, item, new Tile(day, 0, 0, 0));
        ref var tile = ref _tiles[at];
        tile.Count += sign;
        tile.OffsetSeconds += sign * (time.Seconds - day * 86_400L);
        if (tile is { Count: 0, OffsetSeconds: 0 }) Remove(at);
    }

    private void Insert(int at, int item, in Tile tile)
    {
        if (!Holds(at - 1, item) && !Holds(at, item)) Count++;
        FirstDay = Math.Min(FirstDay, tile.Index);
        if (_length == _items.Length) Reserve(_length + _length / 2 + 2);
        Array.Copy(_items, at, _items, at + 1, _length - at);
        Array.Copy(_tiles, at, _tiles, at + 1, _length - at);
        (_items[at], _tiles[at]) = (item, tile);
        _length++;
    }

    private void Remove(int at)
    {
        var (item, day) = (_items[at], _tiles[at].Index);
        _length--;
        Array.Copy(_items, at + 1, _items, at, _length - at);
        Array.Copy(_tiles, at + 1, _tiles, at, _length - at);
        if (!Holds(at - 1, item) && !Holds(at, item)) Count--;
        if (day != FirstDay) return;
        FirstDay = int.MaxValue;
        foreach (ref readonly var tile in _tiles.AsSpan(0, _length)) FirstDay = Math.Min(FirstDay, tile.Index);
    }

    private bool Holds(int at, int item) => (uint)at < (uint)_length && _items[at] == item;

    /// <summary>Where the item's tiles from <paramref name="day"/> on begin.</summary>
    private int Lower(int item, int day = int.MinValue)
    {
        int low = 0, high = _length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_items[middle] < item || _items[middle] == item && _tiles[middle].Index < day) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
