using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>A Kafka message as a fact: one reading for ingest and for followers, so that both see the same events.</summary>
internal static class EventMessage
{
    /// <returns>The fact; null with a rejection when the message is not an event.</returns>
    public static Fact? Parse(StreamMessage message, Timestamp now, out Rejection? rejection)
    {
        if (message.Value is not { } value)
        {
            rejection = new(RejectionReason.NotJson, "no value (a tombstone) is not an event; an item is withdrawn by an item event with status deleted");
            return null;
        }
        return EventCodec.Parse(value.Span, now.Plus(EventLimits.Ahead), out rejection) is { } source ? new Fact(source, Known(message, now)) : null;
    }

    /// <summary>A refused message, kept whole.</summary>
    public static DeadLetter Refused(StreamMessage message, Rejection rejection, Timestamp now) =>
        new(message.Partition, message.Offset, rejection, message.Value?.ToArray() ?? [], Known(message, now)) { Key = message.Key?.ToArray() };

    /// <summary>The message's own timestamp; one that no clock can have shown is no knowledge: then it is known from now on.</summary>
    public static Timestamp Known(StreamMessage message, Timestamp now) =>
        message.Stamp is { } stamp && stamp >= 0 && stamp <= now.Plus(EventLimits.Ahead).Milliseconds ? new Timestamp(stamp) : now;
}
