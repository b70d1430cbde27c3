namespace Recs.Domain.Events;

/// <summary>A list of items as one user saw it.</summary>
/// <param name="Id">See <see cref="Event"/>.</param>
/// <param name="Time">See <see cref="Event"/>.</param>
/// <param name="Request">The ranking request that chose the list.</param>
/// <param name="User">Who saw it.</param>
/// <param name="Surface">Where: "home", "search", …</param>
/// <param name="Items">What was shown, each item once.</param>
public sealed record Impression(EventId Id, Timestamp Time, RequestId Request, UserId User, string Surface, IReadOnlyList<ShownItem> Items)
    : Event(Id, Time);

/// <summary>One place of an impression.</summary>
/// <param name="Item">What stood there.</param>
/// <param name="Position">1 is the first place.</param>
/// <param name="Propensity">The probability with which the policy chose it for this place, in (0, 1], where it was logged.</param>
/// <param name="PriceMicros">What the advertiser owes, in millionths of the currency, once the bid's event happens; 0 for content.</param>
public readonly record struct ShownItem(ItemId Item, int Position, double? Propensity, long PriceMicros);
