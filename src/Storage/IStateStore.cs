using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Storage;

/// <summary>
/// What goes beyond appending: folded states beside their facts, and the three ways in which facts leave. Each change is one transaction, which
/// appends wait for and readers do not. Thread rule: as for <see cref="IEventStore"/>.
/// </summary>
public interface IStateStore
{
    /// <summary>
    /// The facts of batches after <paramref name="batch"/> (0: all there are), and what goes with them, at one moment at which no append is under way.
    /// The facts are streamed: enumerate once, before the next call on this store.
    /// </summary>
    FactsSince ReadSince(long batch);

    /// <summary>
    /// Where a fold begins: the snapshot, if there is one of <paramref name="layout"/>, else what retention left, if any, and the facts that are not in
    /// it, at one moment. Enumerate the facts once, before the next call on this store.
    /// </summary>
    /// <param name="layout">Null passes over the snapshot.</param>
    FactsSince ReadState(string? layout);

    /// <summary>The newest state of a kind, or null.</summary>
    StoredState? FindState(StateKind kind);

    /// <summary>Keeps a state in place of the older ones of its kind.</summary>
    /// <exception cref="FencedException">Facts have left since its batch was read; fold anew. Nothing was written.</exception>
    void SaveState(StoredState state);

    /// <summary>Events of days before <paramref name="day"/> are late from now on. Never moves back.</summary>
    void KeepFrom(DateOnly day);

    /// <summary>Impressions and interactions of days before <paramref name="day"/>, in no order, streamed.</summary>
    IEnumerable<Fact> ReadBefore(DateOnly day);

    /// <summary>Drops the impressions and interactions of days before <paramref name="day"/>, and keeps the state that they left in <paramref name="remains"/>. Snapshots go; items and users stay.</summary>
    /// <returns>Facts dropped.</returns>
    /// <exception cref="InvalidOperationException"><see cref="KeepFrom"/> was not called for the day first.</exception>
    long DropBefore(DateOnly day, StoredState remains);

    /// <summary>
    /// Removes every row that names <paramref name="user"/>, and refuses their events from now on.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <param name="at">Now.</param>
    /// <param name="without">Given a kept state and the user's events in it, the same state without them; null drops it.</param>
    /// <returns>Rows touched by what they are.</returns>
    IReadOnlyDictionary<string, long> Erase(UserId user, Timestamp at, Func<StoredState, IReadOnlyList<Event>, StoredState?> without);

    /// <summary>Whether the user was erased.</summary>
    bool IsErased(UserId user);

    /// <summary>
    /// Replaces the facts that are there now and became known from <paramref name="from"/> on and before <paramref name="to"/> by <paramref name="facts"/>,
    /// whose known times lie there. They are gathered beside the live ones, which ingest goes on appending to, and change places with them in one
    /// transaction. What is appended after <paramref name="facts"/> begins to be enumerated stays.
    /// Of resends the first stays; late events and those of erased users are passed over. Snapshots go.
    /// </summary>
    ReplayCounts Replace(Timestamp from, Timestamp to, IEnumerable<IReadOnlyList<Fact>> facts);
}

/// <summary>What a stored state holds.</summary>
public enum StateKind
{
    /// <summary>Everything up to a batch.</summary>
    Snapshot = 1,

    /// <summary>What retention dropped: the beginning of every fold.</summary>
    Base = 2,
}

/// <summary>A partition as one consumer group reads it.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partition">The partition.</param>
public readonly record struct GroupPartition(string Group, StreamPartition Partition);

/// <summary>A folded state as the store keeps it.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Batch">The last batch in it; of a base, 0.</param>
/// <param name="Epoch">See <see cref="FactsSince.Epoch"/>.</param>
/// <param name="Layout">Of the bytes.</param>
/// <param name="Made">When.</param>
/// <param name="Facts">Events in it.</param>
/// <param name="Offsets">The next offsets it stands at; empty for a base.</param>
/// <param name="Bytes">The state.</param>
public sealed record StoredState(
    StateKind Kind, long Batch, long Epoch, string Layout, Timestamp Made, long Facts, IReadOnlyDictionary<GroupPartition, long> Offsets, byte[] Bytes);

/// <summary>Facts from one batch on.</summary>
/// <param name="Batch">No fact has a later one, and those that come will.</param>
/// <param name="Epoch">Grows when facts leave otherwise than by being appended to: a fold of an earlier epoch holds what is gone.</param>
/// <param name="Offsets">The next offsets they stand at, of every group.</param>
/// <param name="Facts">In the order (known, event time, event id), streamed.</param>
public sealed record FactsSince(long Batch, long Epoch, IReadOnlyDictionary<GroupPartition, long> Offsets, IEnumerable<Fact> Facts)
{
    /// <summary>The next offsets of one group.</summary>
    public IReadOnlyDictionary<StreamPartition, long> OffsetsOf(string group) =>
        Offsets.Where(place => place.Key.Group == group).ToDictionary(place => place.Key.Partition, place => place.Value);

    /// <summary>What they are to be folded into; null for nothing.</summary>
    public StoredState? Start { get; init; }
}

/// <summary>What a replay changed.</summary>
/// <param name="Removed">Facts that were there.</param>
/// <param name="Added">Facts that are there now.</param>
/// <param name="Duplicates">Resends among those given.</param>
/// <param name="Late">Passed over: too late.</param>
/// <param name="Erased">Passed over: of erased users.</param>
public sealed record ReplayCounts(long Removed, long Added, long Duplicates, long Late, long Erased);
