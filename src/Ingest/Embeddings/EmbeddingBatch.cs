using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ingest;

/// <summary>
/// Item versions read and not yet embedded, of each item the newest. Invariant: for each partition, everything from the committed offset up to
/// its <see cref="Ends"/> is here, or needs nothing. Overflow policy: its owner stops reading while it embeds. One thread at a time.
/// </summary>
internal sealed class EmbeddingBatch
{
    private readonly Dictionary<(int Partition, ItemId Item), Pending> _pending = [];
    private readonly SortedDictionary<int, (long Epoch, long Next)> _ends = [];

    /// <summary>For each partition, in which assignment it was read, and the offset after the last message.</summary>
    public IReadOnlyDictionary<int, (long Epoch, long Next)> Ends => _ends;

    /// <summary>What is to be done.</summary>
    public IReadOnlyCollection<Pending> Entries => _pending.Values;

    /// <summary>Messages read.</summary>
    public int Messages { get; private set; }

    /// <summary>Of the texts to embed.</summary>
    public long Characters { get; private set; }

    /// <summary>Not even an offset to commit.</summary>
    public bool IsEmpty => _ends.Count == 0;

    public void MoveTo(int partition, long epoch, long next)
    {
        _ends[partition] = (epoch, next);
        Messages++;
    }

    public Pending? Find(int partition, ItemId item) => _pending.GetValueOrDefault((partition, item));

    /// <summary>Takes the place of what there was of the item.</summary>
    public void Put(Pending pending)
    {
        Cancel(pending.Partition, pending.Item);
        _pending[(pending.Partition, pending.Item)] = pending;
        Characters += pending.Text?.Text.Length ?? 0;
    }

    /// <summary>The item needs nothing after all.</summary>
    public void Cancel(int partition, ItemId item)
    {
        if (_pending.Remove((partition, item), out var old)) Characters -= old.Text?.Text.Length ?? 0;
    }

    /// <summary>Forgets what was read of a partition that another worker reads from now on.</summary>
    public void Drop(int partition)
    {
        foreach (var (_, item) in _pending.Keys.Where(key => key.Partition == partition).ToList()) Cancel(partition, item);
        _ends.Remove(partition);
    }

    /// <summary>What is to be done of one item.</summary>
    /// <param name="Partition">Of the items topic.</param>
    /// <param name="Item">Which.</param>
    /// <param name="Time">Of the version that asks for it; 0 for a tombstone of the items topic.</param>
    /// <param name="Event">Of the same; null for a tombstone.</param>
    /// <param name="Text">To embed; null: its vector is to go.</param>
    internal sealed record Pending(int Partition, ItemId Item, Timestamp Time, EventId? Event, ItemEmbeddingText? Text)
    {
        /// <summary>Whether that version is older than this one.</summary>
        public bool IsAfter(Timestamp time, EventId id) => Event is { } own && Versions.IsNewer(Time, own, time, id);
    }
}
