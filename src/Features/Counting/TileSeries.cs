using Recs.Domain;

namespace Recs.Features.Counting;

/// <summary>Everything counted about one key and one kind of event: the newest 96 hours, the newest 128 days, and all time.</summary>
internal sealed class TileSeries
{
    /// <summary>Hours kept behind the newest time seen.</summary>
    public const int Hours = 96;

    /// <summary>Days kept behind the newest time seen.</summary>
    public const int Days = 128;

    private TileList _hours = new(), _days = new();

    /// <summary>How often, ever.</summary>
    public long Count { get; private set; }

    /// <summary>Sum of the values, ever: micros or milliseconds.</summary>
    public long Value { get; private set; }

    /// <summary>Adds (sign +1) or takes away (−1) one event.</summary>
    /// <param name="time">Event time.</param>
    /// <param name="value">Micros or milliseconds.</param>
    /// <param name="sign">+1 or −1.</param>
    /// <param name="newest">The newest event time in the state, this event included.</param>
    public void Add(Timestamp time, long value, int sign, Timestamp newest)
    {
        Count += sign;
        Value += sign * value;
        _hours.Add(time.HourIndex, time.Seconds - time.HourIndex * 3_600L, value, sign, OldestHour(newest));
        _days.Add(time.DayIndex, time.Seconds - time.DayIndex * 86_400L, value, sign, OldestDay(newest));
    }

    /// <summary>As if nothing had ever been counted: all that was added was taken away.</summary>
    public bool IsEmpty => Count == 0 && Value == 0 && _hours.Tiles.IsEmpty && _days.Tiles.IsEmpty;

    /// <summary>A series that was written out.</summary>
    public static TileSeries Restore(long count, long value, ReadOnlySpan<Tile> hours, ReadOnlySpan<Tile> days)
    {
        var series = new TileSeries { Count = count, Value = value };
        series._hours.Restore(hours);
        series._days.Restore(days);
        return series;
    }

    /// <summary>The same series in new memory, its parts side by side.</summary>
    public TileSeries Copied() => new() { Count = Count, Value = Value, _hours = _hours.Copied(), _days = _days.Copied() };

    /// <summary>The hour tiles kept at <paramref name="newest"/>.</summary>
    public ReadOnlySpan<Tile> HourTiles(Timestamp newest) => _hours.From(OldestHour(newest));

    /// <summary>The day tiles kept at <paramref name="newest"/>.</summary>
    public ReadOnlySpan<Tile> DayTiles(Timestamp newest) => _days.From(OldestDay(newest));

    /// <summary>The count decayed at <paramref name="now"/>, read from the tiles of the half-life's span.</summary>
    public double Decayed(Timestamp now, Timestamp newest, HalfLife halfLife) => halfLife.Span == 3_600
        ? _hours.Decayed(now, OldestHour(newest), halfLife)
        : _days.Decayed(now, OldestDay(newest), halfLife);

    private static int OldestHour(Timestamp newest) => newest.HourIndex - Hours + 1;

    private static int OldestDay(Timestamp newest) => newest.DayIndex - Days + 1;
}
