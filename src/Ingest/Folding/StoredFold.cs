using Recs.Domain;
using Recs.Features.State;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The state folded from a store's facts, and where it stands. Invariant: it is the fold of the base and of all facts of batches up to
/// <see cref="Batch"/>, whether it began with a snapshot or with the first fact. One thread at a time.
/// </summary>
public sealed class StoredFold
{
    private StoredFold(FoldedState folded, long batch, long epoch, IReadOnlyDictionary<GroupPartition, long> offsets) => (Folded, Batch, Epoch, Offsets) = (folded, batch, epoch, offsets);

    /// <summary>The state.</summary>
    public FoldedState Folded { get; private set; }

    /// <summary>Facts of later batches are not in it.</summary>
    public long Batch { get; private set; }

    /// <summary>See <see cref="FactsSince.Epoch"/>.</summary>
    public long Epoch { get; private set; }

    /// <summary>The next offsets it stands at, of every group.</summary>
    public IReadOnlyDictionary<GroupPartition, long> Offsets { get; private set; }

    /// <summary>Facts that were folded after the snapshot; all of them where there was none.</summary>
    public long Caught { get; private set; }

    /// <summary>From the store's snapshot, where it has one of this build's layout, and the facts after it.</summary>
    /// <param name="store">Migrated.</param>
    /// <exception cref="RefusedException">The snapshot or the base is damaged, or the base is of another layout.</exception>
    public static StoredFold Load(IRecsStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Begin(store.ReadState(StateFile.Layout));
    }

    /// <summary>From the beginning: what retention left, if anything, and all facts.</summary>
    /// <inheritdoc cref="Load"/>
    public static StoredFold FromFacts(IRecsStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Begin(store.ReadState(layout: null));
    }

    /// <summary>Folds what was appended since; where facts have left meanwhile, begins again.</summary>
    /// <exception cref="RefusedException">As for <see cref="Load"/>.</exception>
    public void CatchUp(IRecsStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var since = store.ReadSince(Batch);
        if (since.Epoch == Epoch)
        {
            Take(since);
            return;
        }
        var anew = Load(store);
        (Folded, Batch, Epoch, Offsets, Caught) = (anew.Folded, anew.Batch, anew.Epoch, anew.Offsets, anew.Caught);
    }

    /// <summary>A batch that was just appended, known to be the next one.</summary>
    internal void Apply(AppendResult appended)
    {
        foreach (var fact in appended.Fresh) Folded.Apply(fact.Event);
        Batch = appended.Batch;
        Caught += appended.Fresh.Count;
    }

    /// <summary>The state as a snapshot to be kept.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> came first.</exception>
    public StoredState ToSnapshot(TimeProvider clock, CancellationToken cancel = default) => ToStored(StateKind.Snapshot, Folded, Batch, Epoch, Offsets, clock, cancel);

    /// <summary>A state in the form that a store keeps.</summary>
    public static StoredState ToStored(StateKind kind, FoldedState folded, long batch, long epoch, IReadOnlyDictionary<GroupPartition, long> offsets, TimeProvider clock, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(folded);
        using var bytes = new CancellableMemory(cancel);
        StateFile.Write(folded, bytes);
        return new StoredState(kind, batch, epoch, StateFile.Layout, Timestamp.Now(clock), folded.Facts, offsets, bytes.ToArray());
    }

    /// <summary>What a stored state holds.</summary>
    /// <exception cref="RefusedException">It is damaged, or of another layout.</exception>
    public static FoldedState Read(StoredState stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (stored.Layout != StateFile.Layout)
            throw new RefusedException($"the stored state of {stored.Made} holds '{stored.Layout}', this build keeps '{StateFile.Layout}'; a snapshot is made anew by recs replay, a base needs the build that made it");
        return StateFile.Read(new MemoryStream(stored.Bytes, writable: false));
    }

    private static StoredFold Begin(FactsSince since)
    {
        var fold = new StoredFold(since.Start is { } start ? Read(start) : new FoldedState(), since.Batch, since.Epoch, since.Offsets);
        fold.Take(since);
        return fold;
    }

    private void Take(FactsSince since)
    {
        foreach (var fact in since.Facts)
        {
            Folded.Apply(fact.Event);
            Caught++;
        }
        (Batch, Offsets) = (since.Batch, since.Offsets);
    }

    /// <summary>Writing a large state takes seconds; who must go does not wait for it.</summary>
    private sealed class CancellableMemory(CancellationToken cancel) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            cancel.ThrowIfCancellationRequested();
            base.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            cancel.ThrowIfCancellationRequested();
            base.Write(buffer, offset, count);
        }
    }
}
