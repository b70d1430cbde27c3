namespace Recs.Domain.Events;

/// <summary>
/// Something that happened. The set is closed: <see cref="ItemUpserted"/>, <see cref="UserUpserted"/>,
/// <see cref="Impression"/>, <see cref="Interaction"/>.
/// </summary>
/// <param name="Id">Unique among all events; a resend carries the same id and the same time.</param>
/// <param name="Time">When it happened (event time), not when it was learned of.</param>
public abstract record Event(EventId Id, Timestamp Time);

/// <summary>A valid event and when it became known: the message's Kafka timestamp; history sets it to the event time.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Known">When this system could first have known it. A training row sees only what was known before it.</param>
public readonly record struct Fact(Event Event, Timestamp Known);
