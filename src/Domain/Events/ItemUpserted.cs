using Recs.Domain.Items;

namespace Recs.Domain.Events;

/// <summary>An item as it is from now on. The newest (time, event id) wins, whatever the order of arrival.</summary>
/// <param name="Id">See <see cref="Event"/>.</param>
/// <param name="Time">See <see cref="Event"/>.</param>
/// <param name="Item">The whole item, not a change to it.</param>
public sealed record ItemUpserted(EventId Id, Timestamp Time, Item Item) : Event(Id, Time);
