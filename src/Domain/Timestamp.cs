using System.Globalization;

namespace Recs.Domain;

/// <summary>
/// A moment in UTC as a whole number of milliseconds since 1970: integers fold to the same bits in any order,
/// and every store keeps milliseconds exactly.
/// </summary>
/// <param name="Milliseconds">Milliseconds since 1970-01-01T00:00:00Z; negative before it.</param>
public readonly record struct Timestamp(long Milliseconds) : IComparable<Timestamp>
{
    /// <summary>Milliseconds in an hour.</summary>
    public const long Hour = 3_600_000;

    /// <summary>Milliseconds in a day.</summary>
    public const long Day = 24 * Hour;

    /// <summary>Whole seconds since 1970, rounded down.</summary>
    public long Seconds => Floor(Milliseconds, 1_000);

    /// <summary>Whole hours since 1970, rounded down.</summary>
    public int HourIndex => (int)Floor(Milliseconds, Hour);

    /// <summary>Whole days since 1970, rounded down.</summary>
    public int DayIndex => (int)Floor(Milliseconds, Day);

    /// <summary>The same moment; parts of a millisecond are cut off.</summary>
    public static Timestamp From(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());

    /// <summary>The moment at which UTC day number <paramref name="index"/> begins.</summary>
    public static Timestamp OfDay(int index) => new(index * Day);

    /// <summary>Reads what a person writes: ISO 8601 from 1970 on, a day for its beginning, UTC where no zone is given. Null for anything else.</summary>
    public static Timestamp? Parse(string? text) =>
        // The parser takes far more than ISO 8601: the shape is asked for first.
        text is { Length: >= 10 } && text[4] == '-' && text[7] == '-' && (text.Length == 10 || text[10] is 'T' or ' ')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= DateTimeOffset.UnixEpoch
            ? From(time)
            : null;

    /// <summary>The present by <paramref name="clock"/>.</summary>
    public static Timestamp Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <summary>This moment and <paramref name="span"/> later (earlier when negative).</summary>
    public Timestamp Plus(TimeSpan span) => new(Milliseconds + (long)span.TotalMilliseconds);

    /// <summary>As a date and time with offset zero.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>ISO 8601 in UTC; milliseconds only where they are not zero.</summary>
    public override string ToString() => ToDateTimeOffset().ToString(
        Milliseconds % 1_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public int CompareTo(Timestamp other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>Earlier than.</summary>
    public static bool operator <(Timestamp left, Timestamp right) => left.Milliseconds < right.Milliseconds;

    /// <summary>Later than.</summary>
    public static bool operator >(Timestamp left, Timestamp right) => left.Milliseconds > right.Milliseconds;

    /// <summary>Not later than.</summary>
    public static bool operator <=(Timestamp left, Timestamp right) => left.Milliseconds <= right.Milliseconds;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(Timestamp left, Timestamp right) => left.Milliseconds >= right.Milliseconds;

    /// <summary>The span from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static TimeSpan operator -(Timestamp left, Timestamp right) => TimeSpan.FromMilliseconds(left.Milliseconds - right.Milliseconds);

    private static long Floor(long value, long unit) => value >= 0 ? value / unit : -((-value + unit - 1) / unit);
}
