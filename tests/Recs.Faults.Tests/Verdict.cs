using Recs.Features.State;
using Recs.Storage;

namespace Recs.Faults.Tests;

/// <summary>Compares what the store holds with what must have come of the history.</summary>
internal static class Verdict
{
    /// <param name="history">What was sent.</param>
    /// <param name="store">Where it went.</param>
    /// <param name="next">The offset after the last message of each partition.</param>
    /// <param name="plan">How much garbage there was.</param>
    /// <param name="log">For the message of a failure.</param>
    public static void Hold(EventHistory history, IRecsStore store, IReadOnlyDictionary<StreamPartition, long> next, FaultPlan plan, FaultLog log)
    {
        var snapshot = store.Read("faults");
        var folded = FoldedState.Of(snapshot.Facts.Select(fact => fact.Event));
        var counts = store.Count();
        log.Add($"stored: {folded.Events.Values.Sum()} events, {counts.Duplicates} duplicates, {counts.DeadLetters} dead letters");
        Same("events", plan.Events, folded.Events.Values.Sum());
        Same("duplicates", history.Resent, counts.Duplicates);
        Same("dead letters", plan.Garbage, counts.DeadLetters);
        Same("late or erased", 0, counts.Late + counts.Erased);
        var letters = store.DeadLetters(1_000_000);
        Same("places of dead letters", plan.Garbage, letters.Select(letter => (letter.Partition, letter.Offset)).Distinct().Count());
        Same("messages on the stream", history.Messages, next.Values.Sum());
        foreach (var (partition, offset) in next) Same($"next offset of {partition}", offset, snapshot.Offsets.GetValueOrDefault(partition));
        Same("digest", history.Digest(), folded.Digest());

        void Same<T>(string what, T expected, T actual) => Assert.True(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, found {actual}\n{log}");
    }
}
