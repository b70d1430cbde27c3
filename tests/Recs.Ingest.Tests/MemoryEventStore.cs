using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Ingest.Tests;

/// <summary>The store's contract in memory, with faults on demand. Safe from any thread, so that several workers can share it.</summary>
internal sealed class MemoryEventStore : IEventStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Day, EventId Id), Fact> _facts = [];
    private readonly Dictionary<(StreamPartition, long), DeadLetter> _deadLetters = [];
    private readonly Dictionary<(string Group, StreamPartition), long> _offsets = [];
    private readonly Dictionary<(string Version, ItemId Item), ItemEmbedding> _embeddings = [];
    private readonly List<StreamGap> _gaps = [];
    private long _duplicates;

    /// <summary>Called before a batch is looked at; may throw: nothing is written then.</summary>
    public Action<AppendBatch>? BeforeCommit { get; set; }

    /// <summary>Called after a batch is written; may throw: the writer then does not know.</summary>
    public Action<AppendBatch>? AfterCommit { get; set; }

    public string Name => "memory";

    public int Appends { get; private set; }

    public IReadOnlyDictionary<EventId, Fact> Facts
    {
        get
        {
            lock (_gate) return _facts.Values.ToDictionary(fact => fact.Event.Id);
        }
    }

    public IReadOnlyList<DeadLetter> DeadLetters
    {
        get
        {
            lock (_gate) return [.. _deadLetters.Values];
        }
    }

    public void Migrate() { }

    public AppendResult Append(AppendBatch batch)
    {
        BeforeCommit?.Invoke(batch);
        AppendResult result;
        lock (_gate)
        {
            Appends++;
            foreach (var move in batch.Offsets)
                if (_offsets.GetValueOrDefault((move.Group, move.Partition)) is var at && at != move.From)
                    throw new FencedException($"{move.Partition} is at {at}, not {move.From}");
            foreach (var move in batch.Offsets) _offsets[(move.Group, move.Partition)] = move.To;
            var appended = batch.Facts.Count(fact => _facts.TryAdd((fact.Event.Time.DayIndex, fact.Event.Id), fact));
            foreach (var letter in batch.DeadLetters) _deadLetters.Add((letter.Partition, letter.Offset), letter);
            foreach (var key in _embeddings.Keys.Where(key => batch.Embeddings.Removed.Contains(key.Item)).ToList()) _embeddings.Remove(key);
            SaveEmbeddings(batch.Embeddings.Saved);
            result = new(appended, batch.Facts.Count - appended);
            _duplicates += result.Duplicates;
        }
        AfterCommit?.Invoke(batch);
        return result;
    }

    public IReadOnlyDictionary<StreamPartition, long> Offsets(string group)
    {
        lock (_gate) return _offsets.Where(offset => offset.Key.Group == group).ToDictionary(offset => offset.Key.Item2, offset => offset.Value);
    }

    public void MoveAcross(IReadOnlyList<StreamGap> gaps)
    {
        lock (_gate)
        {
            foreach (var gap in gaps)
                if (_offsets.GetValueOrDefault((gap.Group, gap.Partition)) is var at && at != gap.From) throw new FencedException($"{gap.Partition} is at {at}, not {gap.From}");
            foreach (var gap in gaps) _offsets[(gap.Group, gap.Partition)] = gap.To;
            _gaps.AddRange(gaps);
        }
    }

    public IReadOnlyList<StreamGap> Gaps(string group)
    {
        lock (_gate) return [.. _gaps.Where(gap => gap.Group == group)];
    }

    public StoreSnapshot Read(string group, Timestamp? before = null)
    {
        lock (_gate) return new(Offsets(group), [.. _facts.Values.OrderBy(fact => (fact.Known.Milliseconds, fact.Event.Time.Milliseconds, fact.Event.Id.Value))]);
    }

    public StoreCounts Count()
    {
        lock (_gate)
            return new(Of<ItemUpserted>(), Of<UserUpserted>(), Of<Impression>(), Of<Interaction>(), _duplicates, _deadLetters.Count);
    }

    public void SaveEmbeddings(IEnumerable<ItemEmbedding> embeddings)
    {
        lock (_gate)
            foreach (var embedding in embeddings) _embeddings[(embedding.Version, embedding.Item)] = embedding;
    }

    public IReadOnlyList<ItemEmbedding> Embeddings(string version)
    {
        lock (_gate) return [.. _embeddings.Values.Where(embedding => embedding.Version == version).OrderBy(embedding => embedding.Item.Value, StringComparer.Ordinal)];
    }

    public string? LatestEmbeddingVersion() => null;

    public void Dispose() { }

    private long Of<T>() => _facts.Values.Count(fact => fact.Event is T);
}
