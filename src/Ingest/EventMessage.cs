using Confluent.Kafka;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>A Kafka message as a fact: one reading for ingest and for followers, so that both see the same events.</summary>
internal static class EventMessage
{
    /// <returns>The fact; null with a rejection when the message is not an event.</returns>
    public static Fact? Parse(ConsumeResult<byte[], byte[]> message, Timestamp now, out Rejection? rejection)
    {
        if (message.Message.Value is not { } value)
        {
            rejection = new(RejectionReason.NotJson, "no value (a tombstone) is not an event; an item is withdrawn by an item event with status deleted");
            return null;
        }
        return EventCodec.Parse(value, now.Plus(EventLimits.Ahead), out rejection) is { } source ? new Fact(source, Known(message, now)) : null;
    }

    /// <summary>A refused message, kept whole.</summary>
    public static DeadLetter Refused(StreamPartition partition, ConsumeResult<byte[], byte[]> message, Rejection rejection, Timestamp now) =>
        new(partition, message.Offset.Value, rejection, message.Message.Value ?? [], Known(message, now)) { Key = message.Message.Key };

    /// <summary>The message's own timestamp; one that no clock can have shown is no knowledge: then it is known from now on.</summary>
    public static Timestamp Known(ConsumeResult<byte[], byte[]> message, Timestamp now)
    {
        var stamp = message.Message.Timestamp;
        return stamp.Type != TimestampType.NotAvailable && stamp.UnixTimestampMs >= 0 && stamp.UnixTimestampMs <= now.Plus(EventLimits.Ahead).Milliseconds
            ? new Timestamp(stamp.UnixTimestampMs)
            : now;
    }
}
