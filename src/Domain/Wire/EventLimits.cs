namespace Recs.Domain.Wire;

/// <summary>How large the parts of an event may be. What is larger is refused, never cut.</summary>
public static class EventLimits
{
    /// <summary>Bytes of a message.</summary>
    public const int MessageBytes = 1 << 20;

    /// <summary>Characters of an id, surface, category, author, tag or attribute name.</summary>
    public const int NameLength = 256;

    /// <summary>Characters of a title, body or attribute value.</summary>
    public const int TextLength = 100_000;

    /// <summary>Items of an impression, tags and attributes of an item, countries of an ad.</summary>
    public const int ListLength = 10_000;

    /// <summary>Millionths of the currency in one price, bid, budget or value: a thousand million units.</summary>
    public const long Micros = 1_000_000_000_000_000;

    /// <summary>Milliseconds of dwell: a day.</summary>
    public const long DwellMilliseconds = Timestamp.Day;

    /// <summary>How far ahead of the reader's clock an event time may lie.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromHours(24);
}
