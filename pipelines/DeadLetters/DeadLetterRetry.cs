using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary>
/// Retries page by page. Into the store: facts and marks in one transaction, so a letter is retried once. Over the stream: a letter is marked as being published, published, and
/// marked as retried; a crash in between leaves it in the middle state, where only <c>--state publishing</c> finds it again (the event's id makes a second publication harmless).
/// </summary>
internal sealed class DeadLetterRetry(IRecsStore store, Topics topics, EventProducer? producer, Timestamp now)
{
    private const int PageSize = 200;

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsDry { get; init; }

    /// <exception cref="RefusedException">Somebody else settles the same letters, or the brokers do not take them.</exception>
    public RetryResult Run(DeadLetterFilter filter, CancellationToken cancel)
    {
        var result = new RetryResult(0, 0, 0, 0, 0);
        DeadLetterKey? after = null;
        while (store.FindDeadLetters(filter with { After = after }, PageSize) is { Count: > 0 } page)
        {
            cancel.ThrowIfCancellationRequested();
            after = page[^1].Key;
            var accepted = page.Select(kept => (Kept: kept, Fact: DeadLetterReading.Read(kept.Letter, topics, now, out _))).Where(pair => pair.Fact is not null).ToList();
            var appended = IsDry || accepted.Count == 0 ? default : producer is null ? Store(accepted) : Publish(producer, accepted, cancel);
            result = new(result.Read + page.Count, result.Retried + accepted.Count, result.Appended + appended.Appended, result.Duplicates + appended.Duplicates,
                result.StillRefused + page.Count - accepted.Count);
        }
        return result;
    }

    private AppendResult Store(List<(KeptDeadLetter Kept, Fact? Fact)> accepted) => Settling.Of(() => store.Append(
        new([.. accepted.Select(pair => pair.Fact!.Value)], [], []) { Settled = Changes(accepted, DeadLetterState.Retried, "read again by recs dlq retry") }));

    private AppendResult Publish(EventProducer stream, List<(KeptDeadLetter Kept, Fact? Fact)> accepted, CancellationToken cancel)
    {
        const string note = "published by recs dlq retry --kafka";
        Settling.Of(() => store.Settle(Changes(accepted, DeadLetterState.Publishing, note)));
        stream.Publish(accepted.Select(pair => DeadLetterReading.Message(pair.Kept.Letter)), nextCommitted: null, cancel);
        var published = accepted.Select(pair => (pair.Kept with { State = DeadLetterState.Publishing }, pair.Fact)).ToList();
        Settling.Of(() => store.Settle(Changes(published, DeadLetterState.Retried, note)));
        return default;
    }

    private List<DeadLetterChange> Changes(List<(KeptDeadLetter Kept, Fact? Fact)> letters, DeadLetterState to, string note) =>
        [.. letters.Select(pair => new DeadLetterChange(pair.Kept.Key, pair.Kept.State, to, now, note))];
}
