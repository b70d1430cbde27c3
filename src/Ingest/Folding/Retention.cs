using Recs.Features.State;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Lets old facts go without touching the state: what the impressions and interactions of old days were folded into stays as the base of every fold,
/// and their days are closed, since a resend could not be told apart any more. Items and users stay: they are few, and the catalogue is read from them.
/// Killed at any point it is taken up by the next run; nothing is dropped before the base that replaces it is stored.
/// </summary>
public static class Retention
{
    /// <summary>Drops the impressions and interactions of days before <paramref name="first"/>, then keeps a snapshot.</summary>
    /// <param name="store">Migrated; ingest may go on beside.</param>
    /// <param name="first">The first day that stays.</param>
    /// <param name="clock">Dates the states.</param>
    /// <returns>Facts dropped, and the fold of what is left, which is the fold of what was there.</returns>
    /// <exception cref="Domain.RefusedException">A stored state is damaged, or a base is of another layout.</exception>
    public static (long Dropped, StoredFold Fold) Run(IRecsStore store, DateOnly first, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.KeepFrom(first);
        var remains = store.FindState(StateKind.Base) is { } before ? StoredFold.Read(before) : new FoldedState();
        var folded = 0L;
        foreach (var fact in store.ReadBefore(first))
        {
            remains.Apply(fact.Event);
            folded++;
        }
        if (folded > 0)
        {
            var dropped = store.DropBefore(first, StoredFold.ToStored(StateKind.Base, remains, 0, 0, new Dictionary<GroupPartition, long>(), clock));
            if (dropped != folded) throw new InvalidOperationException($"{dropped} facts were dropped, but {folded} were folded into the base: facts of closed days were appended");
        }
        var fold = StoredFold.Load(store);
        store.SaveState(fold.ToSnapshot(clock));
        return (folded, fold);
    }
}
