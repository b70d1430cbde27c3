using Recs.Domain;

namespace Recs.Features.Counting;

/// <summary>One span of time in which something was counted.</summary>
/// <param name="Index">Which span: hours or days since 1970.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="OffsetSeconds">Sum over the events of the seconds since the span began: with <paramref name="Count"/> it gives the mean time.</param>
/// <param name="Value">Sum of the events' values: micros or milliseconds.</param>
internal record struct Tile(int Index, int Count, long OffsetSeconds, long Value);

/// <summary>
/// Tiles in order of index, sparse: spans without events take no room. All numbers are integers and only added, so the
/// list is the same for any order of the same events, and an event added with sign −1 takes its own trace away.
/// Which tiles count is decided by the reader's newest time, not by the order of arrival: older ones are dropped when met.
/// </summary>
internal struct TileList()
{
    /// <summary>Tiles that are summed one by one; longer lists keep sums.</summary>
    private const int Few = 4;

    private Tile[] _tiles = [];

    // The indexes of the oldest and the newest tile stand beside the array: most reads of hours end at them.
    private int _count, _first, _last;

    // Made by readers, replaced whole: two that make the same one at once make equal ones, and one of them is kept. Changed by the writer alone.
    private DecaySum[] _sums = [];

    public readonly ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, _count);

    /// <summary>The tiles with an index of at least <paramref name="oldest"/>.</summary>
    public readonly ReadOnlySpan<Tile> From(int oldest) => _tiles.AsSpan(Stale(oldest).._count);

    /// <param name="index">The span.</param>
    /// <param name="offsetSeconds">Seconds since the span began.</param>
    /// <param name="value">Micros or milliseconds.</param>
    /// <param name="sign">+1 to add, −1 to take away; ±n for several of the same moment and value.</param>
    /// <param name="oldest">The oldest index still kept; what is older is neither added nor held on to.</param>
    public void Add(int index, long offsetSeconds, long value, int sign, int oldest)
    {
        if (index < oldest) return;
        if (_count > 0 && _first < oldest) DropStale(Stale(oldest));
        var at = _count;
        while (at > 0 && _tiles[at - 1].Index >= index) at--;
        var isNew = at == _count || _tiles[at].Index != index;
        // The newest tile is in no sum: it enters when a newer one comes, and leaves when that one goes.
        if (isNew && at == _count && _count > 0) Enter(_tiles[_count - 1]);
        if (!isNew && at < _count - 1) Leave(_tiles[at]);
        if (isNew)
        {
            if (_count == _tiles.Length) Array.Resize(ref _tiles, _count + _count / 4 + 1);
            Array.Copy(_tiles, at, _tiles, at + 1, _count - at);
            _tiles[at] = new Tile(index, 0, 0, 0);
            _count++;
        }
        ref var tile = ref _tiles[at];
        tile.Count += sign;
        tile.OffsetSeconds += sign * offsetSeconds;
        tile.Value += sign * value;
        if (tile is { Count: 0, OffsetSeconds: 0, Value: 0 })
        {
            if (at == _count - 1 && at > 0) Leave(_tiles[at - 1]);
            RemoveRange(at, 1);
            if (_count == 0) _sums = [];
        }
        else if (at < _count - 1) Enter(tile);
        Bound();
    }

    /// <summary>The same tiles in new memory, without sums.</summary>
    public readonly TileList Copied()
    {
        var copy = new TileList();
        copy.Restore(Tiles);
        return copy;
    }

    /// <summary>Replaces the content by tiles in order of index.</summary>
    public void Restore(ReadOnlySpan<Tile> tiles)
    {
        _tiles = tiles.ToArray();
        _count = tiles.Length;
        _sums = [];
        Bound();
    }

    /// <summary>
    /// Σ count · 2^(−age / half-life) over the tiles from <paramref name="oldest"/> on, the age taken from each tile's mean time; a function of these tiles and of
    /// <paramref name="now"/> alone, to the last bit. A long list is read in a time that does not grow with it. Safe from many readers at once.
    /// </summary>
    /// <param name="now">The moment of reading; tiles ahead of it count in full.</param>
    /// <param name="oldest">The oldest index that counts.</param>
    /// <param name="halfLife">Of the span of these tiles.</param>
    public double Decayed(Timestamp now, int oldest, HalfLife halfLife)
    {
        if (_count == 0 || _last < oldest) return 0;
        var stale = Stale(oldest);
        var tiles = _tiles.AsSpan(stale.._count);
        ref readonly var newest = ref tiles[^1];
        if (tiles.Length <= Few || now.Milliseconds < newest.Index * (long)halfLife.Span * 1_000) return Decayed(tiles, halfLife.Span, now, halfLife.Seconds);
        var sum = Sum(halfLife, stale).Read(now, newest.Index);
        if (newest.Count == 0) return sum;
        var mean = (double)newest.Index * halfLife.Span + (double)newest.OffsetSeconds / newest.Count;
        return sum + newest.Count * Decay.Weight((now.Milliseconds / 1_000.0 - mean) / halfLife.Seconds);
    }

    private DecaySum Sum(HalfLife halfLife, int stale)
    {
        var (sums, at) = (Volatile.Read(ref _sums), 0);
        while (at < sums.Length && !sums[at].Is(halfLife)) at++;
        DecaySum sum;
        if (at == sums.Length || sums[at].Oldest > _tiles[stale].Index) sum = new(halfLife, _tiles.AsSpan(stale..(_count - 1)));
        else if (stale == 0 || _tiles[stale - 1].Index < sums[at].Oldest) return sums[at];
        else sum = sums[at].Without(_tiles.AsSpan(0, stale), _tiles[stale].Index);
        DecaySum[] replaced = at == sums.Length ? [.. sums, sum] : [.. sums];
        replaced[at] = sum;
        Volatile.Write(ref _sums, replaced);
        return sum;
    }

    /// <summary>How many tiles are older than <paramref name="oldest"/>.</summary>
    private readonly int Stale(int oldest)
    {
        if (_count == 0 || _first >= oldest) return 0;
        if (_last < oldest) return _count;
        int low = 1, high = _count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_tiles[middle].Index < oldest) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private void Bound() => (_first, _last) = _count == 0 ? (0, 0) : (_tiles[0].Index, _tiles[_count - 1].Index);

    private void DropStale(int stale)
    {
        if (stale == _count) _sums = [];
        foreach (var sum in _sums) sum.Drop(_tiles.AsSpan(0, stale), _tiles[stale].Index);
        RemoveRange(0, stale);
    }

    private void Enter(in Tile tile)
    {
        foreach (var sum in _sums)
        {
            if (tile.Index < sum.Oldest)
            {
                // Rare: an event later than all that was kept. The next reader makes the sums anew.
                _sums = [];
                return;
            }
            sum.Add(tile);
        }
    }

    private readonly void Leave(in Tile tile)
    {
        foreach (var sum in _sums) sum.Remove(tile);
    }

    private void RemoveRange(int start, int length)
    {
        Array.Copy(_tiles, start + length, _tiles, start, _count - start - length);
        _count -= length;
    }

    /// <summary>Σ count · 2^(−age / half-life), the age taken from each tile's mean time; summed from the oldest tile to the newest.</summary>
    /// <param name="tiles">Tiles of spans of <paramref name="spanSeconds"/>.</param>
    /// <param name="spanSeconds">3,600 or 86,400.</param>
    /// <param name="now">The moment of reading; tiles ahead of it count in full.</param>
    /// <param name="halfLifeSeconds">Seconds in which a count falls to half.</param>
    public static double Decayed(ReadOnlySpan<Tile> tiles, int spanSeconds, Timestamp now, double halfLifeSeconds)
    {
        // A series keeps 128 tiles at most; a longer list, from elsewhere, is taken in stretches of so many.
        Span<double> weights = stackalloc double[TileSeries.Days];
        var sum = 0.0;
        for (; tiles.Length > 0; tiles = tiles[Math.Min(tiles.Length, weights.Length)..]) sum = AddDecayed(sum, tiles[..Math.Min(tiles.Length, weights.Length)], spanSeconds, now, halfLifeSeconds, weights);
        return sum;
    }

    private static double AddDecayed(double sum, ReadOnlySpan<Tile> tiles, int spanSeconds, Timestamp now, double halfLifeSeconds, Span<double> weights)
    {
        var seconds = now.Milliseconds / 1_000.0;
        for (var i = 0; i < tiles.Length; i++)
        {
            ref readonly var tile = ref tiles[i];
            var mean = (double)tile.Index * spanSeconds + (double)tile.OffsetSeconds / tile.Count;
            weights[i] = (seconds - mean) / halfLifeSeconds;
        }
        Decay.Weigh(weights[..tiles.Length]);
        for (var i = 0; i < tiles.Length; i++)
            if (tiles[i].Count != 0) sum += tiles[i].Count * weights[i];
        return sum;
    }
}
