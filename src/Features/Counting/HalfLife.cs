namespace Recs.Features.Counting;

/// <summary>
/// How fast a counter forgets, read from hour or from day tiles, with the constants that its sums in integers need: a column holds the tiles of
/// <see cref="ColumnHalfLives"/> half-lives. Immutable.
/// </summary>
internal sealed class HalfLife
{
    /// <summary>Half-lives in a column: within it weights differ by 2^8 at most, so that 48 binary places hold the lightest tile to better than 1e-9.</summary>
    public const int ColumnHalfLives = 8;

    /// <summary>The weight 1 as an integer.</summary>
    public const double One = 1L << 48;

    private HalfLife(double seconds, int span)
    {
        (Seconds, Span, ColumnSeconds) = (seconds, span, ColumnHalfLives * seconds);
        Lift = 1 / (Decay.Weight(ColumnHalfLives + span / seconds) * One);
    }

    /// <summary>Seconds in which a count falls to half.</summary>
    public double Seconds { get; }

    /// <summary>Seconds of the tiles it is read from: 3,600 or 86,400.</summary>
    public int Span { get; }

    /// <summary>Seconds that a column spans.</summary>
    public double ColumnSeconds { get; }

    /// <summary>What turns a column's integer into a count that is decayed from its beginning on.</summary>
    public double Lift { get; }

    /// <summary>So many hours, read from hour tiles: the newest 96 hours count.</summary>
    public static HalfLife OfHours(double hours) => new(hours * 3_600, 3_600);

    /// <summary>So many days, read from day tiles: the newest 128 days count.</summary>
    public static HalfLife OfDays(double days) => new(days * 86_400, 86_400);

    /// <summary>The column in which a tile is counted: by its beginning, so that it never moves.</summary>
    public long Column(int tile) => (long)Math.Floor((double)tile * Span / ColumnSeconds);

    /// <summary>
    /// A tile's count, weighted by the age of its mean time at the end of its column (and a tile more, for the last tile may reach over it), in units of 2^−48.
    /// An integer that depends on the tile alone: sums of these are equal in any order, and a tile that changes is taken off and put on again.
    /// </summary>
    public Int128 Units(in Tile tile)
    {
        if (tile.Count == 0) return 0;
        var mean = (double)tile.Index * Span + (double)tile.OffsetSeconds / tile.Count;
        var age = ((Column(tile.Index) + 1) * ColumnSeconds + Span - mean) / Seconds;
        return (Int128)(long)(Decay.Weight(age) * One) * tile.Count;
    }
}
