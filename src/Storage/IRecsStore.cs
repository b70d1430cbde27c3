using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Reports;
using Recs.Storage.Scores;

namespace Recs.Storage;

/// <summary>
/// Everything one database holds: the facts, what jobs computed from them, and the SQL that reads both.
/// Opened by <see cref="EventStore.Open"/>. Thread rule: one thread at a time per instance; open one instance per thread.
/// </summary>
public interface IRecsStore : IEventStore, IDeadLetterStore, IStateStore, IScoreStore, IModelRegistry, IDecisionStore, IPolicyStore
{
    /// <summary>The refused messages in the order (topic, partition, offset), at most <paramref name="limit"/>.</summary>
    IReadOnlyList<DeadLetter> DeadLetters(int limit = 1_000);

    /// <summary>The newest version of every item, deleted ones too, in item order: of two versions the one with the later (time, event id), as in the ranking state.</summary>
    IReadOnlyList<ItemUpserted> Catalogue();

    /// <summary>The content hash of every vector of <paramref name="version"/>: what an incremental run compares with.</summary>
    IReadOnlyDictionary<ItemId, string> EmbeddingHashes(string version);

    /// <summary>Removes the vectors of <paramref name="items"/> in every version.</summary>
    /// <returns>Vectors removed.</returns>
    int RemoveEmbeddings(IEnumerable<ItemId> items);

    /// <summary>Runs portable SQL (parameters written <c>$name</c>) for <see cref="ReportRunner"/> and <see cref="CheckRunner"/>.</summary>
    internal Table Query(string sql, IReadOnlyDictionary<string, object> parameters);
}

/// <summary>The database did not answer or gave up this time (connection lost, deadlock). Nothing is known to be written: read the offsets again and retry.</summary>
public sealed class StoreUnavailableException(string message, Exception cause) : Exception(message, cause);
