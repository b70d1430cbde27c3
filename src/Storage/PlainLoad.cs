using Recs.Domain.Events;
using Recs.Storage.Sql;

namespace Recs.Storage;

/// <summary>
/// Facts into the tables of a store with nothing around them: no search for resends, no offsets. What the database can take at most,
/// to hold ingest against; a resend is not told apart, and a key that is there already fails.
/// </summary>
public static class PlainLoad
{
    /// <summary>Loads <paramref name="batches"/>, each in a transaction of its own.</summary>
    /// <param name="store">Migrated, opened by <see cref="EventStore.Open"/>; one thread at a time.</param>
    /// <param name="batches">Facts of which no two have the same day and id.</param>
    public static void Run(IRecsStore store, IEnumerable<IReadOnlyList<Fact>> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (var batch in batches) ((SqlStore)store).LoadPlain(batch);
    }

    /// <summary>Empties a store of facts and offsets, between two runs of a benchmark.</summary>
    /// <exception cref="InvalidOperationException">It holds a dead letter, a score or a folded state: nobody's benchmark left those.</exception>
    public static void Empty(IRecsStore store) => ((SqlStore)store).Empty();
}
