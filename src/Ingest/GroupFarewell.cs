using Confluent.Kafka;

namespace Recs.Ingest;

/// <summary>How a member leaves its group so that closing the client always ends.</summary>
internal static class GroupFarewell
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Unsubscribes, and serves a rebalance under way: closing on top of one can wait for ever (librdkafka 2.16: an assignment handed out before, and
    /// taken after, the group's end).
    /// </summary>
    /// <param name="consumer">Not closed yet.</param>
    /// <param name="clock">Measures the wait.</param>
    /// <param name="longest">After so long what is still assigned is left to the closing.</param>
    /// <exception cref="KafkaException">The brokers are gone: the group's session time-out does the rest.</exception>
    public static void Say<T>(IConsumer<T, T> consumer, TimeProvider clock, TimeSpan longest)
    {
        consumer.Unsubscribe();
        var begun = clock.GetTimestamp();
        for (var polls = 0; polls < 3 || (consumer.Assignment.Count > 0 && clock.GetElapsedTime(begun) < longest); polls++) Serve(consumer);
    }

    private static void Serve<T>(IConsumer<T, T> consumer)
    {
        try
        {
            consumer.Consume(Poll);
        }
        catch (KafkaException)
        {
            // What cannot be read is read by the next owner.
        }
    }
}
