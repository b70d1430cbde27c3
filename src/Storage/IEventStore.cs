using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Storage;

/// <summary>
/// The one truth: distinct valid events, refused messages and the stream offsets up to which both are complete.
/// DuckDB and PostgreSQL keep the same contract, held by the same tests.
/// Thread rule: one thread at a time per instance.
/// </summary>
public interface IEventStore : IStreamGaps, IDisposable
{
    /// <summary>Where the store is, without secrets: for messages.</summary>
    string Name { get; }

    /// <summary>Brings the schema to this build's version; safe when several processes start at once.</summary>
    /// <exception cref="RefusedException">A migration that ran before has another text now, or the schema is newer than this build.</exception>
    void Migrate();

    /// <summary>
    /// Appends a batch in one transaction: the facts not seen before (day and event id), the dead letters, and the offsets,
    /// each moved by compare-and-swap from <see cref="OffsetMove.From"/> to <see cref="OffsetMove.To"/>.
    /// All of it happens or nothing.
    /// </summary>
    /// <exception cref="FencedException">An offset is not at <see cref="OffsetMove.From"/>: another worker owns the partition now. Nothing was written.</exception>
    AppendResult Append(AppendBatch batch);

    /// <summary>The next offset of each partition that <paramref name="group"/> has begun to read.</summary>
    IReadOnlyDictionary<StreamPartition, long> Offsets(string group);

    /// <summary>
    /// All facts in the order (known, event time, event id) together with the offsets of <paramref name="group"/> they stand at,
    /// read in one transaction. The facts are streamed: enumerate once, before the next call on this store.
    /// </summary>
    /// <param name="group">The consumer group whose offsets are asked for.</param>
    /// <param name="before">Only facts known before this moment; null for all.</param>
    StoreSnapshot Read(string group, Timestamp? before = null);

    /// <summary>Counts of what is stored.</summary>
    StoreCounts Count();

    /// <summary>Writes or replaces vectors, by item and version.</summary>
    void SaveEmbeddings(IEnumerable<ItemEmbedding> embeddings);

    /// <summary>All vectors of <paramref name="version"/>, in item order (ordinal).</summary>
    IReadOnlyList<ItemEmbedding> Embeddings(string version);

    /// <summary>The embedding version saved last, or null when there is none.</summary>
    string? LatestEmbeddingVersion();
}

/// <summary>A partition of a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">From 0.</param>
public readonly record struct StreamPartition(string Topic, int Partition);

/// <summary>A partition's progress: everything below <paramref name="To"/> is in the store once the batch is.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Partition">The partition.</param>
/// <param name="From">The next offset before this batch; 0 for a partition never read before.</param>
/// <param name="To">The next offset after it.</param>
public readonly record struct OffsetMove(string Group, StreamPartition Partition, long From, long To);

/// <summary>A message that is not an event, kept whole.</summary>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Rejection">Why it was refused.</param>
/// <param name="Raw">Its bytes.</param>
/// <param name="Known">The message's Kafka timestamp.</param>
public sealed record DeadLetter(StreamPartition Partition, long Offset, Rejection Rejection, byte[] Raw, Timestamp Known)
{
    /// <summary>The message's key; null for none.</summary>
    public byte[]? Key { get; init; }
}

/// <summary>What one transaction appends.</summary>
/// <param name="Facts">Valid events; resends among them are found by the store.</param>
/// <param name="DeadLetters">Refused messages.</param>
/// <param name="Offsets">One move for each partition that the batch touches.</param>
public sealed record AppendBatch(IReadOnlyList<Fact> Facts, IReadOnlyList<DeadLetter> DeadLetters, IReadOnlyList<OffsetMove> Offsets)
{
    /// <summary>Item vectors that came over the stream.</summary>
    public EmbeddingChanges Embeddings { get; init; } = EmbeddingChanges.None;

    /// <summary>Refused messages whose facts or vectors this batch brings after all: settled with it, or the batch is fenced.</summary>
    public IReadOnlyList<DeadLetterChange> Settled { get; init; } = [];
}

/// <summary>What became of a batch.</summary>
/// <param name="Appended">Facts not seen before.</param>
/// <param name="Duplicates">Facts dropped as resends (also counted in the store).</param>
public readonly record struct AppendResult(int Appended, int Duplicates)
{
    /// <summary>Facts that came too late to be told apart from resends: kept apart and counted.</summary>
    public int Late { get; init; }

    /// <summary>Facts refused because their user was erased; counted.</summary>
    public int Erased { get; init; }

    /// <summary>The number of the batch among all that appended facts to the store, growing; 0 where it held none.</summary>
    public long Batch { get; init; }

    /// <summary>See <see cref="FactsSince.Epoch"/>; 0 where the batch held no facts.</summary>
    public long Epoch { get; init; }

    /// <summary>The facts not seen before.</summary>
    public IReadOnlyList<Fact> Fresh { get; init; } = [];

    /// <summary>Whether the counts are equal; <see cref="Batch"/>, <see cref="Epoch"/> and <see cref="Fresh"/> do not count.</summary>
    public bool Equals(AppendResult other) => (Appended, Duplicates, Late, Erased) == (other.Appended, other.Duplicates, other.Late, other.Erased);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Appended, Duplicates, Late, Erased);
}

/// <summary>Facts and the offsets they stand at.</summary>
/// <param name="Offsets">The next offset of each partition.</param>
/// <param name="Facts">In the order (known, event time, event id), streamed.</param>
public sealed record StoreSnapshot(IReadOnlyDictionary<StreamPartition, long> Offsets, IEnumerable<Fact> Facts);

/// <summary>Counts of what is stored.</summary>
/// <param name="Items">Facts of type item.</param>
/// <param name="Users">Facts of type user.</param>
/// <param name="Impressions">Facts of type impression.</param>
/// <param name="Interactions">Facts of type interaction.</param>
/// <param name="Duplicates">Resends dropped so far.</param>
/// <param name="DeadLetters">Refused messages.</param>
/// <param name="Late">Events that came too late to be told apart from resends.</param>
/// <param name="Erased">Events refused because their user was erased.</param>
public sealed record StoreCounts(long Items, long Users, long Impressions, long Interactions, long Duplicates, long DeadLetters, long Late = 0, long Erased = 0);

/// <summary>Another worker has moved an offset that this one believed to own. The batch was not written; read the offsets again.</summary>
public sealed class FencedException(string message) : Exception(message);
