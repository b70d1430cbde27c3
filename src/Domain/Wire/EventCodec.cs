using System.Text.Json;
using Recs.Domain.Events;

namespace Recs.Domain.Wire;

/// <summary>
/// Events to and from their JSON form (schema version 1). Parsing is validation: the answer is an event that holds
/// every invariant, or the reason why not. Pure and safe from any thread.
/// </summary>
public static class EventCodec
{
    /// <summary>The schema version written and read.</summary>
    public const int Schema = 1;

    /// <summary>Reads one message; Confluent's schema-registry frame (a zero byte and a schema id) is accepted and skipped.</summary>
    /// <param name="message">The raw bytes.</param>
    /// <param name="latest">The latest event time accepted: the reader's clock and <see cref="EventLimits.Ahead"/>.</param>
    /// <param name="rejection">Why it is not an event; null when it is one.</param>
    /// <returns>The event, or null.</returns>
    public static Event? Parse(ReadOnlySpan<byte> message, Timestamp latest, out Rejection? rejection)
    {
        rejection = null;
        if (message.Length > EventLimits.MessageBytes)
        {
            rejection = new(RejectionReason.TooLarge, $"{message.Length} bytes, limit {EventLimits.MessageBytes}");
            return null;
        }
        message = ConfluentFrame.Skip(message);
        if (PlainEventReader.Read(message, latest) is { } plain) return plain;
        try
        {
            var wire = JsonSerializer.Deserialize(message, WireContext.Default.WireEvent);
            if (wire is not null) return EventReader.Read(wire, latest);
            rejection = new(RejectionReason.NotJson, "null is not an event");
        }
        catch (InvalidFieldException field)
        {
            rejection = field.Rejection;
        }
        catch (JsonException json)
        {
            rejection = new(RejectionReason.NotJson, FieldReader.Shortened(json.Path is { Length: > 1 } path ? $"at {path}: {json.Message}" : json.Message));
        }
        catch (InvalidOperationException json) // a lone surrogate written as an escape
        {
            rejection = new(RejectionReason.NotJson, FieldReader.Shortened(json.Message));
        }
        return null;
    }

    /// <summary>The JSON form of <paramref name="source"/>, UTF-8; <see cref="Parse"/> gives an equal event back.</summary>
    public static byte[] Write(Event source) => JsonSerializer.SerializeToUtf8Bytes(EventWriter.Write(source), WireContext.Default.WireEvent);

    /// <summary>
    /// Reads what <see cref="Write"/> wrote and a store kept. The bounds of a message do not hold here: written out, a valid
    /// message may be longer than it came (escapes), and time has passed since it was checked against a clock.
    /// </summary>
    /// <exception cref="InvalidDataException">It is not the JSON form of an event: the store was changed from outside.</exception>
    public static Event ReadStored(ReadOnlySpan<byte> json)
    {
        try
        {
            var wire = JsonSerializer.Deserialize(json, WireContext.Default.WireEvent);
            return EventReader.Read(wire ?? throw new InvalidDataException("null is not an event"), new Timestamp(long.MaxValue));
        }
        catch (Exception fault) when (fault is InvalidFieldException or JsonException or InvalidOperationException) // the last: a lone surrogate
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }

    /// <summary>The message key: the user, or the item for <see cref="ItemUpserted"/>, so that one partition sees all of a key in order.</summary>
    public static string Key(Event source) => source switch
    {
        ItemUpserted item => item.Item.Id.Value,
        UserUpserted user => user.User.Value,
        Impression impression => impression.User.Value,
        Interaction interaction => interaction.User.Value,
        _ => throw new InvalidOperationException($"the set of events is closed, yet {source.GetType().Name} came"),
    };
}
