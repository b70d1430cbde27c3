using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Marts;
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

    /// <summary>
    /// Brings the marts that are tables up to the facts: days that facts have changed since the last call are made again, a few at a time, each time in one
    /// transaction. Ended half-way it has done whole days, and the next call goes on. Views need none of this.
    /// </summary>
    /// <param name="rebuild">Every day, whether changed or not.</param>
    /// <param name="cancel">Ends it between two transactions.</param>
    /// <returns>What was done to each mart.</returns>
    IReadOnlyList<MartRefresh> RefreshMarts(bool rebuild = false, CancellationToken cancel = default);

    /// <summary>Puts the items of the newest embedding version into clusters of vectors that point the same way, where that version or its vectors have changed since the last time.</summary>
    /// <param name="rebuild">Whether changed or not.</param>
    /// <param name="cancel">Ends it; what was there stays.</param>
    /// <exception cref="RefusedException">The version's vectors are of two lengths.</exception>
    ClusterRefresh RefreshClusters(bool rebuild = false, CancellationToken cancel = default);

    /// <summary>Runs portable SQL (parameters written <c>$name</c>) for <see cref="ReportRunner"/> and <see cref="CheckRunner"/>.</summary>
    internal Table Query(string sql, IReadOnlyDictionary<string, object> parameters);

    /// <summary>Runs portable SQL as <see cref="Query"/> does, and hands the rows on as they come; the array of a row is used again for the next one.</summary>
    internal void Read(string sql, Dictionary<string, object> parameters, Action<IReadOnlyList<TableColumn>, IEnumerable<object?[]>> take);
}

/// <summary>The database did not answer or gave up this time (connection lost, deadlock). Nothing is known to be written: read the offsets again and retry.</summary>
public sealed class StoreUnavailableException(string message, Exception cause) : Exception(message, cause);
