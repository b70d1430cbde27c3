using System.Globalization;
using Recs.Domain;
using Recs.Features.State;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.State;

/// <summary>
/// Whether what every reader begins with is what a replay makes: the store's snapshot with the facts after it, against the base and all facts folded from the beginning, both up to
/// the same fact. What is appended while they are folded is folded into both.
/// </summary>
/// <param name="IsBroken">The digests differ, or the snapshot cannot be read.</param>
/// <param name="IsCompared">Whether there was a snapshot to compare, and a moment at which to do it.</param>
/// <param name="Said">One line.</param>
internal sealed record SnapshotCheck(bool IsBroken, bool IsCompared, string Said)
{
    public const string Name = "state_digest";

    /// <summary>Between two looks at a store that takes in events there is sooner or later none.</summary>
    private const int MostLooks = 20;

    public static SnapshotCheck Run(IRecsStore store)
    {
        if (store.FindState(StateKind.Snapshot) is not { } kept) return new(false, false, "not compared: the store has no snapshot, so every reader folds all facts anyway; recs state --save keeps one");
        if (kept.Layout != StateFile.Layout) return new(false, false, $"not compared: the snapshot of {kept.Made} is another build's ('{kept.Layout}', this one keeps '{StateFile.Layout}'), and no reader of this build begins with it");
        try
        {
            return Fold(store, kept);
        }
        catch (RefusedException damaged) // the snapshot, or the base that every fold begins with
        {
            return new(true, true, damaged.Message);
        }
    }

    private static SnapshotCheck Fold(IRecsStore store, StoredState kept)
    {
        var (begun, whole) = (StoredFold.Load(store), StoredFold.FromFacts(store));
        for (var look = 0; look < MostLooks; look++)
        {
            begun.CatchUp(store);
            var (folded, epoch) = (whole.Caught, whole.Epoch);
            if (begun.Epoch != epoch) break;
            whole.CatchUp(store);
            if (whole.Epoch != epoch) break;
            if (whole.Caught == folded) return Compare(kept, begun.Folded, whole.Folded); // nothing lay between the two
        }
        return new(false, false, "not compared: facts came or left all the time while they were folded; try again when less is written");
    }

    private static SnapshotCheck Compare(StoredState kept, FoldedState begun, FoldedState whole)
    {
        var (stored, replayed) = (begun.Digest(), whole.Digest());
        return stored == replayed
            ? new(false, true, string.Create(CultureInfo.InvariantCulture, $"ok: the snapshot of {kept.Made} and the facts after it are the fold of all {whole.Facts} facts"))
            : new(true, true, string.Create(CultureInfo.InvariantCulture,
                $"the snapshot of {kept.Made} (batch {kept.Batch}) with the facts after it has digest {stored} of {begun.Facts} facts, all facts folded from the beginning have {replayed} of {whole.Facts}; recs replay makes the snapshot anew from the facts"));
    }
}
