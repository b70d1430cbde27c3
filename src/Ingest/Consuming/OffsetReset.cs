using System.Globalization;
using Recs.Domain;

namespace Recs.Ingest;

/// <summary>
/// Where an operator wants a group to go on whose position is not on the stream any more, and to begin in partitions it has never read.
/// Written <c>earliest</c>, <c>latest</c>, <c>timestamp=ISO-8601</c> or <c>offset=N</c>.
/// </summary>
public sealed record OffsetReset
{
    private OffsetReset(string text) => Text = text;

    /// <summary>The oldest message that the stream still holds.</summary>
    public static OffsetReset Earliest { get; } = new("earliest");

    /// <summary>Behind the newest message at the start.</summary>
    public static OffsetReset Latest { get; } = new("latest");

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>The first message whose Kafka timestamp is not before this moment; where there is none, behind the newest. Null unless asked for.</summary>
    public Timestamp? Time { get; private init; }

    /// <summary>This offset, where the position is gone; partitions never read begin at their oldest message. Null unless asked for.</summary>
    public long? Offset { get; private init; }

    /// <summary>From the first message known at <paramref name="time"/> or later.</summary>
    public static OffsetReset At(Timestamp time) => new($"timestamp={time}") { Time = time };

    /// <summary>From offset <paramref name="offset"/>, at least 0.</summary>
    public static OffsetReset To(long offset) => new(string.Create(CultureInfo.InvariantCulture, $"offset={offset}")) { Offset = offset };

    /// <summary>Reads what an operator wrote.</summary>
    /// <exception cref="RefusedException">It is none of the four.</exception>
    public static OffsetReset Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (name, value) = text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
        return (name, value) switch
        {
            ("earliest", null) => Earliest,
            ("latest", null) => Latest,
            ("timestamp", not null) when Timestamp.Parse(value) is { } time => At(time),
            ("offset", not null) when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) => To(offset),
            _ => throw new RefusedException($"reset '{text}' is none of earliest, latest, timestamp=ISO-8601 (such as timestamp=2024-03-01T00:00:00Z) and offset=N (at least 0)"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
