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
internal sealed class TileList
{
    private Tile[] _tiles = [];
    private int _count;

    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, _count);

    /// <summary>The tiles with an index of at least <paramref name="oldest"/>.</summary>
    public ReadOnlySpan<Tile> From(int oldest)
    {
        var first = 0;
        while (first < _count && _tiles[first].Index < oldest) first++;
        return _tiles.AsSpan(first, _count - first);
    }

    /// <param name="index">The span.</param>
    /// <param name="offsetSeconds">Seconds since the span began.</param>
    /// <param name="value">Micros or milliseconds.</param>
    /// <param name="sign">+1 to add, −1 to take away.</param>
    /// <param name="oldest">The oldest index still kept; what is older is neither added nor held on to.</param>
    public void Add(int index, long offsetSeconds, long value, int sign, int oldest)
    {
        if (index < oldest) return;
        var stale = 0;
        while (stale < _count && _tiles[stale].Index < oldest) stale++;
        if (stale > 0) RemoveRange(0, stale);

        var at = _count;
        while (at > 0 && _tiles[at - 1].Index >= index) at--;
        if (at == _count || _tiles[at].Index != index)
        {
            if (_count == _tiles.Length) Array.Resize(ref _tiles, Math.Max(2, _count + _count / 2 + 1));
            Array.Copy(_tiles, at, _tiles, at + 1, _count - at);
            _tiles[at] = new Tile(index, 0, 0, 0);
            _count++;
        }
        ref var tile = ref _tiles[at];
        tile.Count += sign;
        tile.OffsetSeconds += sign * offsetSeconds;
        tile.Value += sign * value;
        if (tile is { Count: 0, OffsetSeconds: 0, Value: 0 }) RemoveRange(at, 1);
    }

    /// <summary>Replaces the content by tiles in order of index.</summary>
    public void Restore(ReadOnlySpan<Tile> tiles)
    {
        _tiles = tiles.ToArray();
        _count = tiles.Length;
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
