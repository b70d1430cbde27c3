using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;

namespace Recs.Ingest;

/// <summary>
/// What the stream holds of each item of the partitions this worker reads, without the vectors: about 150 bytes an item and what its ids take.
/// Invariant: for every partition here, it is what a reader of the embeddings topic would find, all that this worker has produced included.
/// One thread at a time.
/// </summary>
/// <param name="version">The worker's embedding version: a vector of another one is there, but current it is not.</param>
internal sealed class KnownEmbeddings(string version)
{
    private readonly Dictionary<int, Dictionary<ItemId, Entry>> _partitions = [];

    /// <summary>Items known.</summary>
    public long Count => _partitions.Values.Sum(items => (long)items.Count);

    /// <summary>What is known of an item; nothing is all zero.</summary>
    public Entry Find(int partition, ItemId item) => _partitions.TryGetValue(partition, out var items) ? items.GetValueOrDefault(item) : default;

    /// <summary>The stream holds this vector.</summary>
    public void Save(int partition, EmbeddingMessage message) => Items(partition)[message.Embedding.Item] =
        new Entry(true, message.Embedding.Version == version ? Short(message.Embedding.ContentHash) : default, message.Time, message.Event);

    /// <summary>The stream holds no vector, because of this version of the item; without one, because of a tombstone, which is all that is known.</summary>
    public void Remove(int partition, ItemId item, Timestamp time, EventId? id)
    {
        if (id is null) Items(partition).Remove(item);
        else Items(partition)[item] = new Entry(false, default, time, id);
    }

    /// <summary>The item's newest version changes nothing of its vector.</summary>
    public void Pass(int partition, ItemId item, Timestamp time, EventId id) => Items(partition)[item] = Find(partition, item) with { Time = time, Event = id };

    /// <summary>Forgets a partition: what another worker adds to it is not seen here.</summary>
    public void Forget(int partition) => _partitions.Remove(partition);

    private Dictionary<ItemId, Entry> Items(int partition) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_partitions, partition, out _) ??= [];

    // 128 bits name a text as surely, in a quarter of the memory.
    private static UInt128 Short(string hash)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(hash.AsSpan()), digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }

    /// <summary>An item on the stream.</summary>
    /// <param name="HasVector">Of whatever version.</param>
    /// <param name="Hash">Of its text, for a vector of the worker's version.</param>
    /// <param name="Time">Of the item version that decided it.</param>
    /// <param name="Event">Of the same.</param>
    internal readonly record struct Entry(bool HasVector, UInt128 Hash, Timestamp Time, EventId? Event)
    {
        /// <summary>Whether the vector is that of the text with this hash, in the worker's version.</summary>
        public bool IsOf(string hash) => HasVector && Hash == Short(hash);

        /// <summary>Whether a version of the item is older than the one that decided this: the later in (time, event id) wins, as in the ranking state.</summary>
        public bool IsAfter(Timestamp time, EventId id) => Event is { } known && Versions.IsNewer(Time, known, time, id);
    }
}
