using Recs.Domain;

namespace Recs.Features.Counting;

/// <summary>
/// Σ count · 2^(−age / half-life) over all tiles of a list but its newest, kept as integers so that it can follow the list and yet never depend on how it came about:
/// made anew from the tiles or changed tile by tile, in any order, it is the same. The newest tile, which nearly every event changes, is left to the reader.
/// A reader makes it where it is missing, and nobody changes it but the writer of the state.
/// </summary>
internal sealed class DecaySum
{
    private readonly HalfLife _halfLife;
    private Int128[] _columns = [];
    private long _first;

    // What the last reader summed up, and the column of the newest tile it was scaled to; readers write it at will, all the same for the same column.
    private double _scaled;
    private long _scaledTo = Never;

    private const long Never = long.MinValue;

    /// <param name="halfLife">How fast it forgets.</param>
    /// <param name="closed">At least one tile, in order of index.</param>
    public DecaySum(HalfLife halfLife, ReadOnlySpan<Tile> closed)
    {
        (_halfLife, Oldest, _first) = (halfLife, closed[0].Index, halfLife.Column(closed[0].Index));
        _columns = new Int128[halfLife.Column(closed[^1].Index) - _first + 1];
        foreach (ref readonly var tile in closed) Add(tile);
    }

    private DecaySum(DecaySum other) => (_halfLife, Oldest, _first, _columns) = (other._halfLife, other.Oldest, other._first, [.. other._columns]);

    /// <summary>It holds the list's tiles from this index on, but the newest.</summary>
    public int Oldest { get; private set; }

    /// <summary>Whether it stands for this half-life.</summary>
    public bool Is(HalfLife halfLife) => ReferenceEquals(_halfLife, halfLife) || _halfLife.Seconds == halfLife.Seconds;

    /// <summary>Takes a tile in, not older than <see cref="Oldest"/>.</summary>
    public void Add(in Tile tile) => Column(tile.Index) += _halfLife.Units(tile);

    /// <summary>Takes a tile off; one from before <see cref="Oldest"/> never was in it.</summary>
    public void Remove(in Tile tile)
    {
        if (tile.Index >= Oldest) Column(tile.Index) -= _halfLife.Units(tile);
    }

    /// <summary>The same without its oldest tiles; this one stays as it is.</summary>
    /// <param name="stale">All tiles of the list before <paramref name="oldest"/>, in order.</param>
    /// <param name="oldest">The index of the oldest tile that stays.</param>
    public DecaySum Without(ReadOnlySpan<Tile> stale, int oldest)
    {
        var rest = new DecaySum(this);
        rest.Drop(stale, oldest);
        return rest;
    }

    /// <summary>Takes off its oldest tiles.</summary>
    /// <param name="stale">All tiles of the list before <paramref name="oldest"/>, in order.</param>
    /// <param name="oldest">The index of the oldest tile that stays.</param>
    public void Drop(ReadOnlySpan<Tile> stale, int oldest)
    {
        foreach (ref readonly var tile in stale) Remove(tile);
        Oldest = Math.Max(Oldest, oldest);
        var gone = (int)Math.Clamp(_halfLife.Column(oldest) - _first, 0, _columns.Length);
        if (gone == 0) return;
        (_columns, _first, _scaledTo) = (_columns[gone..], _first + gone, Never);
    }

    /// <summary>The sum at <paramref name="now"/>.</summary>
    /// <param name="now">Not before the newest tile begins.</param>
    /// <param name="newest">Index of the list's newest tile: what the columns are scaled to, whatever columns there are.</param>
    public double Read(Timestamp now, int newest)
    {
        var last = _halfLife.Column(newest);
        if (Volatile.Read(ref _scaledTo) != last)
        {
            _scaled = Scaled(last);
            Volatile.Write(ref _scaledTo, last);
        }
        return _scaled * _halfLife.Lift * Decay.Weight((now.Milliseconds / 1_000.0 - last * _halfLife.ColumnSeconds) / _halfLife.Seconds);
    }

    // From the oldest column to the newest: the one before weighs 2^−8 of it, by which no double is rounded.
    private double Scaled(long last)
    {
        var sum = 0.0;
        for (var at = 0; at < _columns.Length && _first + at <= last; at++)
        {
            ref readonly var column = ref _columns[at];
            sum = sum * (1.0 / (1 << HalfLife.ColumnHalfLives)) + (column == (long)column ? (long)column : (double)column);
        }
        var ahead = last - (_first + _columns.Length - 1);
        return ahead > 0 ? Math.ScaleB(sum, (int)(-HalfLife.ColumnHalfLives * ahead)) : sum;
    }

    private ref Int128 Column(int tile)
    {
        _scaledTo = Never;
        var column = _halfLife.Column(tile);
        if (column - _first >= _columns.Length) Array.Resize(ref _columns, (int)(column - _first) + 1);
        return ref _columns[column - _first];
    }
}
