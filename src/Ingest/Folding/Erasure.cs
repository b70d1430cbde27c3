using Recs.Domain;
using Recs.Features.State;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>Removes a person: from the facts and what was computed of them, and from the folded states by folding their events with the sign turned.</summary>
public static class Erasure
{
    /// <summary>Erases <paramref name="user"/>, in one transaction. Again for the same user: what has come since, which is nothing.</summary>
    /// <param name="store">Migrated; ingest may go on beside, and refuses the user's events from then on.</param>
    /// <param name="user">Who.</param>
    /// <param name="clock">Dates the certificate.</param>
    /// <returns>Rows touched by what they are.</returns>
    /// <exception cref="RefusedException">The base is damaged or of another layout: it cannot be rid of the user then. Nothing was changed.</exception>
    public static IReadOnlyDictionary<string, long> Run(IRecsStore store, UserId user, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Erase(user, Timestamp.Now(clock), (state, events) =>
        {
            // A snapshot can be made anew, a base cannot.
            if (state.Kind == StateKind.Snapshot && state.Layout != StateFile.Layout) return null;
            var folded = StoredFold.Read(state);
            return folded.Forget(user, events) ? StoredFold.ToStored(state.Kind, folded, state.Batch, state.Epoch, state.Offsets, clock) : null;
        });
    }
}
