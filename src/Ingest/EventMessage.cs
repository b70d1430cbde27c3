using Confluent.Kafka;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>A Kafka message as a fact: one reading for ingest and for followers, so that both see the same events.</summary>
internal static class EventMessage
{
    /// <returns>The fact; null with a rejection when the message is not an event.</returns>
    public static Fact? Parse(ConsumeResult<byte[], byte[]> message, Timestamp now, out Rejection? rejection) =>
        EventCodec.Parse(message.Message.Value, now.Plus(EventLimits.Ahead), out rejection) is { } source ? new Fact(source, Known(message, now)) : null;

    /// <summary>The message's own timestamp; one that no clock can have shown is no knowledge: then it is known from now on.</summary>
    public static Timestamp Known(ConsumeResult<byte[], byte[]> message, Timestamp now)
    {
        var stamp = message.Message.Timestamp;
        return stamp.Type != TimestampType.NotAvailable && stamp.UnixTimestampMs >= 0 && stamp.UnixTimestampMs <= now.Plus(EventLimits.Ahead).Milliseconds
            ? new Timestamp(stamp.UnixTimestampMs)
            : now;
    }
}
