using Recs.Domain.Items;

namespace Recs.Domain.Events;

/// <summary>What is known of a user from now on. The newest (time, event id) wins.</summary>
/// <param name="Id">See <see cref="Event"/>.</param>
/// <param name="Time">See <see cref="Event"/>.</param>
/// <param name="User">The user.</param>
/// <param name="Attributes">All attributes, not a change to them.</param>
public sealed record UserUpserted(EventId Id, Timestamp Time, UserId User, AttributeSet Attributes) : Event(Id, Time);
