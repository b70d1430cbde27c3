namespace Recs.Domain.Events;

/// <summary>What a user did with an item.</summary>
/// <param name="Id">See <see cref="Event"/>.</param>
/// <param name="Time">See <see cref="Event"/>.</param>
/// <param name="Request">The request whose answer led to it, when known.</param>
/// <param name="User">Who.</param>
/// <param name="Item">With what.</param>
/// <param name="Action">What was done.</param>
/// <param name="ValueMicros">What it was worth, in millionths of the currency, at least 0; 0 where nothing was said, as for most actions but a conversion.</param>
/// <param name="DwellMilliseconds">How long the item was looked at, at least 0; 0 where nothing was said.</param>
public sealed record Interaction(
    EventId Id, Timestamp Time, RequestId? Request, UserId User, ItemId Item, InteractionType Action, long ValueMicros, long DwellMilliseconds)
    : Event(Id, Time)
{
    /// <summary>What counters add up: the milliseconds of a dwell, the micros of anything else.</summary>
    public long Amount => Action == InteractionType.Dwell ? DwellMilliseconds : ValueMicros;
}

/// <summary>What a user can do with an item. The numbers reach the disk: they never change.</summary>
public enum InteractionType
{
    /// <summary>Opened it.</summary>
    Click = 1,
    /// <summary>Looked at it for a while.</summary>
    Dwell = 2,
    /// <summary>Liked it.</summary>
    Like = 3,
    /// <summary>Passed it on.</summary>
    Share = 4,
    /// <summary>Wrote about it.</summary>
    Comment = 5,
    /// <summary>Asked not to see it.</summary>
    Hide = 6,
    /// <summary>Reported it.</summary>
    Report = 7,
    /// <summary>Bought it, signed up, …: what the advertiser wanted.</summary>
    Conversion = 8,
}

/// <summary>How an <see cref="InteractionType"/> counts.</summary>
public static class InteractionTypes
{
    /// <summary>The number of types, plus one for the unused zero: the length of an array indexed by type.</summary>
    public const int Count = 9;

    /// <summary>The user wanted more of it.</summary>
    public static bool IsPositive(this InteractionType type) => type is InteractionType.Click or InteractionType.Like
        or InteractionType.Share or InteractionType.Comment or InteractionType.Conversion;

    /// <summary>The user wanted less of it.</summary>
    public static bool IsNegative(this InteractionType type) => type is InteractionType.Hide or InteractionType.Report;
}
