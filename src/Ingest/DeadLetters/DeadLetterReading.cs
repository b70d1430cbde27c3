using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>Refused messages read again: another build, or a later clock, may accept what was refused.</summary>
public static class DeadLetterReading
{
    /// <summary>The letter as an event, known when its message was; null with the reason while it is still none.</summary>
    /// <param name="letter">A refused message.</param>
    /// <param name="topics">Says which topic holds vectors: those are never read again, since a newer one may be stored by now.</param>
    /// <param name="now">The present.</param>
    /// <param name="rejection">Why it is none.</param>
    public static Fact? Read(DeadLetter letter, Topics topics, Timestamp now, out Rejection? rejection)
    {
        ArgumentNullException.ThrowIfNull(letter);
        ArgumentNullException.ThrowIfNull(topics);
        if (letter.Partition.Topic == topics.Embeddings)
        {
            rejection = new(letter.Rejection.Reason, "a vector is made anew (recs embed), never retried: a newer one may be stored by now");
            return null;
        }
        return EventCodec.Parse(letter.Raw, now.Plus(EventLimits.Ahead), out rejection) is { } source ? new Fact(source, letter.Known) : null;
    }

    /// <summary>The message that publishes the letter again: same topic, key, bytes and time, so that it lands in its partition.</summary>
    public static RawMessage Message(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return new(letter.Partition.Topic, letter.Key is null ? null : System.Text.Encoding.UTF8.GetString(letter.Key), letter.Raw.Length == 0 ? null : letter.Raw, letter.Known);
    }
}
