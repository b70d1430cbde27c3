using System.Text;
using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// One run of an <see cref="EmbeddingWorker"/>. Everything but the embedding itself happens on the one thread that calls <see cref="Run"/>, the
/// client's rebalance handlers included, so nothing here is locked. While texts are embedded, that thread keeps the membership alive.
/// </summary>
internal sealed class EmbeddingSession : IDisposable
{
    private const int MostMessages = 100_000;
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AliveEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortBatch = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    private readonly KafkaConnection _connection;
    private readonly IItemEmbedder _embedder;
    private readonly EmbeddingWorkerOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<Func<EmbeddingProgress, EmbeddingProgress>> _report;
    private readonly CancellationToken _stop;
    private readonly EmbeddingGroup _group;
    private readonly EmbeddingPublisher _publisher;
    private readonly KnownEmbeddings _known;
    private readonly Dictionary<int, long> _positions = [];
    // Done and acknowledged, and the group has not taken the offset yet.
    private readonly Dictionary<int, long> _uncommitted = [];
    private EmbeddingBatch _batch = new();
    private IReadOnlyList<StreamPartition> _vectors = [];
    private bool _aligned;
    private long _batchSince;

    public EmbeddingSession(KafkaConnection connection, IItemEmbedder embedder, EmbeddingWorkerOptions options, TimeProvider clock,
        Action<Func<EmbeddingProgress, EmbeddingProgress>> report, CancellationToken stop)
    {
        (_connection, _embedder, _options, _clock, _report, _stop) = (connection, embedder, options, clock, report, stop);
        _known = new KnownEmbeddings(embedder.Version);
        _group = new EmbeddingGroup(connection, options, options.Group ?? $"recs-embed-{embedder.Version}", clock, Gone);
        _publisher = new EmbeddingPublisher(connection, options, clock);
    }

    /// <summary>Works until stopped or, with <paramref name="once"/>, until the group has done what was on the items topic at the start.</summary>
    public void Run(bool once)
    {
        try
        {
            var items = _group.Partitions(_options.Topics.Items, _stop);
            _vectors = _group.Partitions(_options.Topics.Embeddings, _stop);
            // As many partitions on both sides: an item's vector goes to the partition of its item, and an assignment needs to know that one alone.
            _aligned = items.Count == _vectors.Count;
            var goal = once ? items.Select(partition => (partition.Partition, _group.Range(partition, _stop).High)).Where(end => end.High > 0).ToList() : null;
            var (asked, tried) = (_clock.GetTimestamp(), _clock.GetTimestamp());
            _group.Subscribe();
            while (!_stop.IsCancellationRequested)
            {
                var message = _group.Poll(Wait());
                Seed();
                if (message is not null && _group.Epoch(message.Partition.Value) is { } epoch) Take(message, epoch);
                if (IsDue()) Flush();
                if (_uncommitted.Count > 0 && _clock.GetElapsedTime(tried) >= AskEvery)
                {
                    Commit();
                    tried = _clock.GetTimestamp();
                }
                _report(progress => progress with { Partitions = _group.Count, Known = _known.Count });
                if (goal is null || message is not null || !_batch.IsEmpty || _clock.GetElapsedTime(asked) < AskEvery) continue;
                asked = _clock.GetTimestamp();
                if (_group.Committed(goal.Select(end => end.Partition)) is { } done && goal.All(end => done[end.Partition] >= end.High)) return;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What was not committed is read again, by the next run or by another worker of the group.
        }
        finally
        {
            _group.Leave();
            _report(progress => progress with { Partitions = 0 });
        }
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _group.Dispose();
    }

    private TimeSpan Wait()
    {
        if (_batch.IsEmpty) return LongestPoll;
        var left = _options.Linger - _clock.GetElapsedTime(_batchSince);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > LongestPoll ? LongestPoll : left;
    }

    private bool IsDue() => !_batch.IsEmpty && (_batch.Entries.Count >= _options.MaxItems || _batch.Characters >= _options.MaxCharacters
        || _batch.Messages >= MostMessages || _clock.GetElapsedTime(_batchSince) >= _options.Linger);

    /// <summary>Learns what the stream holds of newly assigned partitions, then opens them. Rebalances may happen meanwhile: it goes on until none is closed.</summary>
    private void Seed()
    {
        while (_group.Closed is { Count: > 0 } closed)
        {
            foreach (var partition in closed) _known.Forget(partition);
            var numbers = closed.ToHashSet();
            // What is read for a partition that is revoked meanwhile is forgotten again when it is assigned the next time.
            if (_aligned) new EmbeddingSeed(_connection, _clock).Read([.. _vectors.Where(vector => numbers.Contains(vector.Partition))], Learn, KeepAlive, _stop);
            else SeedUnaligned(closed);
            _group.Open(closed);
        }
        _group.Resume();
    }

    // Where the two topics differ in partitions, nobody can tell which items a partition will bring: each of them is told all.
    private void SeedUnaligned(IReadOnlyList<int> closed) => new EmbeddingSeed(_connection, _clock).Read(_vectors, (_, record) =>
    {
        foreach (var partition in closed) Learn(partition, record);
    }, KeepAlive, _stop);

    private void Learn(int partition, EmbeddingRecord record)
    {
        if (record.Message is { } message) _known.Save(partition, message);
        else _known.Remove(partition, record.Item, default, null);
    }

    // Paused first: what came meanwhile would be lost.
    private void KeepAlive()
    {
        _group.Pause();
        _group.Poll(TimeSpan.Zero);
    }

    private void Take(ConsumeResult<byte[], byte[]> message, long epoch)
    {
        var partition = message.Partition.Value;
        var next = message.Offset.Value + (message.IsPartitionEOF ? 0 : 1);
        if (message.IsPartitionEOF && (next == 0 || _positions.GetValueOrDefault(partition) == next)) return;
        if (_batch.IsEmpty) _batchSince = _clock.GetTimestamp();
        _batch.MoveTo(partition, epoch, next);
        _positions[partition] = next;
        if (message.IsPartitionEOF) return; // the end lies after what was compacted away
        _report(progress => progress with { Consumed = progress.Consumed + 1 });
        if (message.Message.Value is null) Remove(message);
        else if (EventMessage.Parse(StreamMessage.Of(message), Timestamp.Now(_clock), out _)?.Event is ItemUpserted version) Take(partition, version);
        else _report(progress => progress with { Refused = progress.Refused + 1 });
    }

    private void Take(int partition, ItemUpserted version)
    {
        var (item, time, id) = (version.Item, version.Time, version.Id);
        var (known, pending) = (_known.Find(partition, item.Id), _batch.Find(partition, item.Id));
        var overtaken = known.IsAfter(time, id) || pending?.IsAfter(time, id) == true;
        var text = overtaken ? null : _embedder.TextOf(item);
        if (text is { } made && !known.IsOf(made.Hash))
        {
            _batch.Put(new(partition, item.Id, time, id, made));
            return;
        }
        if (!overtaken && text is null && (known.HasVector || item.Status == ItemStatus.Deleted && known.Event != id))
        {
            _batch.Put(new(partition, item.Id, time, id, null));
            return;
        }
        _report(progress => progress with { Unchanged = progress.Unchanged + 1 });
        if (overtaken) return;
        _batch.Cancel(partition, item.Id);
        _known.Pass(partition, item.Id, time, id);
    }

    private void Remove(ConsumeResult<byte[], byte[]> tombstone)
    {
        var key = Encoding.UTF8.GetString(tombstone.Message.Key ?? []);
        if (key.Length is > 0 and <= EventLimits.NameLength) _batch.Put(new(tombstone.Partition.Value, new ItemId(key), default, null, null));
        else _report(progress => progress with { Refused = progress.Refused + 1 });
    }

    private void Flush()
    {
        var batch = _batch;
        _batch = new EmbeddingBatch();
        var entries = batch.Entries.ToList();
        var made = Embed([.. entries.Where(entry => entry.Text is not null).Select(entry => entry.Text!.Value.Text)]);
        var at = 0;
        var changes = entries.Select(entry => (Entry: entry, Message: entry.Text is { } text ? MessageOf(entry, text, made[at++]) : null)).ToList();
        // What went to another worker meanwhile is dropped: its offsets are not committed, so that worker makes it.
        bool IsOwn(int partition) => _group.Epoch(partition) == batch.Ends[partition].Epoch;
        var own = changes.Where(change => IsOwn(change.Entry.Partition)).ToList();
        _publisher.Publish(own.Select(change => (_aligned ? change.Entry.Partition : (int?)null, change.Entry.Item, change.Message is null ? null : EmbeddingCodec.Write(change.Message))));
        foreach (var (entry, message) in own)
        {
            if (message is not null) _known.Save(entry.Partition, message);
            else _known.Remove(entry.Partition, entry.Item, entry.Time, entry.Event);
        }
        foreach (var (partition, end) in batch.Ends)
            if (IsOwn(partition)) _uncommitted[partition] = end.Next;
        Commit();
        var vectors = own.Count(change => change.Message is not null);
        _report(progress => progress with { Made = progress.Made + vectors, Removed = progress.Removed + own.Count - vectors, Batches = progress.Batches + 1 });
    }

    private void Commit()
    {
        if (_group.TryCommit(_uncommitted.Select(end => (end.Key, end.Value)))) _uncommitted.Clear();
    }

    private IReadOnlyList<(float[] Vector, string Signature)> Embed(List<string> texts)
    {
        if (texts.Count == 0) return [];
        var working = Task.Run(() => _embedder.Embed(texts, _stop), CancellationToken.None);
        try
        {
            // A short batch needs no such care, and would pay for it: a client whose partitions were all paused takes a second to fetch again.
            if (Task.WaitAny([working], ShortBatch) < 0)
                while (Task.WaitAny([working], AliveEvery) < 0) KeepAlive();
            _group.Resume();
        }
        catch
        {
            // The embedder is its owner's again only when nothing uses it.
            ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            throw;
        }
        return working.GetAwaiter().GetResult();
    }

    private EmbeddingMessage MessageOf(EmbeddingBatch.Pending entry, ItemEmbeddingText text, (float[] Vector, string Signature) made) =>
        new(new ItemEmbedding(entry.Item, _embedder.Version, text.Hash, made.Vector, made.Signature), entry.Time, entry.Event);

    private void Gone(int partition)
    {
        _batch.Drop(partition);
        _known.Forget(partition);
        _positions.Remove(partition);
        _uncommitted.Remove(partition);
    }
}
