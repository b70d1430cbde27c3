using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Messages read and not yet stored. Invariant: for each partition it holds everything from the store's next offset up to
/// <see cref="Position"/>, without a gap. Overflow policy: its owner stops reading while it stores. One thread at a time.
/// </summary>
internal sealed class IngestBuffer
{
    private readonly List<(StreamPartition Partition, Fact Fact)> _facts = [];
    private readonly List<(StreamPartition Partition, ItemId Item, ItemEmbedding? Saved)> _embeddings = [];
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly Dictionary<StreamPartition, Stretch> _moves = [];
    // Messages come in runs of one partition.
    private (StreamPartition Partition, Stretch? Stretch) _last;

    public int Rows => _facts.Count + _embeddings.Count + _deadLetters.Count;

    public long Bytes { get; private set; }

    /// <summary>Anything to store, be it only an offset that moved over a gap (compaction, transaction markers).</summary>
    public bool IsEmpty => _moves.Count == 0;

    public void Add(StreamPartition partition, Fact fact, int bytes)
    {
        _facts.Add((partition, fact));
        Bytes += bytes;
    }

    /// <summary>A vector that came, or that of <paramref name="item"/> is to go.</summary>
    public void Add(StreamPartition partition, ItemId item, ItemEmbedding? saved, int bytes)
    {
        _embeddings.Add((partition, item, saved));
        Bytes += bytes;
    }

    public void Add(DeadLetter letter)
    {
        _deadLetters.Add(letter);
        Bytes += letter.Raw.Length;
    }

    /// <summary>Everything of <paramref name="partition"/> below <paramref name="to"/> is here or gone from the stream.</summary>
    public void MoveTo(StreamPartition partition, long next, long to)
    {
        if (Find(partition) is { } stretch) (stretch.From, stretch.To) = (next, to);
        else _moves.Add(partition, new Stretch { From = next, To = to });
    }

    /// <summary>The offset after the last message held of <paramref name="partition"/>, or null.</summary>
    public long? Position(StreamPartition partition) => Find(partition)?.To;

    /// <summary>The batch, its offsets in the one order that all workers lock them in.</summary>
    public AppendBatch ToBatch(string group) => new(
        [.. _facts.Select(entry => entry.Fact)],
        [.. _deadLetters],
        [.. _moves.OrderBy(move => move.Key, StreamPartitionOrder.Instance).Select(move => new OffsetMove(group, move.Key, move.Value.From, move.Value.To))])
    {
        Embeddings = EmbeddingChanges.Of(_embeddings.Select(change => (change.Item, change.Saved))),
    };

    public void Clear()
    {
        _facts.Clear();
        _embeddings.Clear();
        _deadLetters.Clear();
        _moves.Clear();
        _last = default;
        Bytes = 0;
    }

    /// <summary>Forgets what was read of partitions that another worker owns now.</summary>
    public void Drop(IReadOnlySet<StreamPartition> lost)
    {
        _facts.RemoveAll(entry => lost.Contains(entry.Partition));
        _embeddings.RemoveAll(entry => lost.Contains(entry.Partition));
        _deadLetters.RemoveAll(letter => lost.Contains(letter.Partition));
        foreach (var partition in lost) _moves.Remove(partition);
        _last = default;
    }

    private Stretch? Find(StreamPartition partition)
    {
        if (_last.Stretch is not null && _last.Partition == partition) return _last.Stretch;
        if (!_moves.TryGetValue(partition, out var stretch)) return null;
        _last = (partition, stretch);
        return stretch;
    }

    /// <summary>Offsets of one partition: from the store's next one up to the one after the last message held.</summary>
    private sealed class Stretch
    {
        public long From { get; set; }

        public long To { get; set; }
    }
}
