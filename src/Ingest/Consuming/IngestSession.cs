using System.Diagnostics;
using Confluent.Kafka;
using Recs.Domain;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// One run of <see cref="EventConsumer"/>, from connecting to leaving. Everything happens on the one thread that calls <see cref="Run"/>,
/// the client's rebalance handlers included (it calls them from within Consume), so nothing here is locked.
/// </summary>
internal sealed class IngestSession : IDisposable
{
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DiscoverEvery = TimeSpan.FromSeconds(60);

    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly CommitBoard _board;
    private readonly IngestTelemetry _telemetry;
    private readonly StoreWriter _writer;
    private readonly PartitionReader _reader;
    private readonly DeadLetterCopies? _copies;
    private readonly IngestBuffer _buffer = new();
    // The partitions this worker reads, each with the store's next offset as last seen (0: never read).
    private readonly Dictionary<StreamPartition, long> _next = [];
    private readonly CancellationToken _stop;
    private bool _rewind;
    private long _bufferedSince;
    private long _consumed;

    public IngestSession(KafkaConnection connection, IEventStore store, IngestOptions options, TimeProvider clock, CommitBoard board, IngestTelemetry telemetry, CancellationToken stop)
    {
        (_options, _clock, _board, _telemetry, _stop) = (options, clock, board, telemetry, stop);
        _writer = new StoreWriter(store, options, clock, telemetry);
        _reader = new PartitionReader(connection, options.Group, options.Assignment, clock, new Handlers(this));
        _copies = options.CopyDeadLetters ? new DeadLetterCopies(connection, options.Topics.DeadLetters) : null;
    }

    /// <summary>Reads and stores until stopped or, with <paramref name="once"/>, until what was on the stream at the start is in the store.</summary>
    public void Run(bool once)
    {
        try
        {
            var goal = Start(once);
            var (reported, discovered) = (_clock.GetTimestamp(), _clock.GetTimestamp());
            while (!_stop.IsCancellationRequested)
            {
                var idle = !Consume();
                if (_rewind) Rewind();
                if (IsDue())
                {
                    Flush();
                    idle = true;
                }
                if (goal is not null && idle && goal.IsReached(_next, _buffer, () => _writer.Offsets(_stop)))
                {
                    Flush();
                    if (_buffer.IsEmpty && goal.IsReached(_next, _buffer, () => _writer.Offsets(_stop))) break;
                }
                if (_clock.GetElapsedTime(reported) >= ReportEvery) reported = Report();
                if (_clock.GetElapsedTime(discovered) >= DiscoverEvery) discovered = Discover();
            }
            Flush();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What is in the buffer is not stored, and the store's offsets say so: the next run reads it again.
        }
        finally
        {
            _buffer.Clear();
            Report();
            _reader.Leave();
        }
    }

    public void Dispose()
    {
        _copies?.Dispose();
        _reader.Dispose();
    }

    private CatchUpGoal? Start(bool once)
    {
        var all = _reader.Partitions(_options.Topics.OfIngest, _stop);
        if (_options.Reset is { } reset && new StreamReset(_reader, _writer, _options.Group, reset, _clock).Apply(all, _stop) is { Count: > 0 } gaps) _options.Notice?.Invoke(new IngestNotice.Moved(gaps));
        var offsets = Known(_writer.Offsets(_stop));
        CatchUpGoal? goal = null;
        if (once || _options.Assignment == PartitionAssignment.All)
        {
            var ranges = all.ToDictionary(partition => partition, partition => _reader.Range(partition, _stop));
            foreach (var (partition, range) in ranges)
                if (offsets.TryGetValue(partition, out var next)) ThrowIfGone(partition, next, range);
            if (once) goal = new CatchUpGoal(ranges, _clock);
        }
        if (_options.Assignment == PartitionAssignment.All) Assign(all, offsets);
        else _reader.Subscribe(_options.Topics.OfIngest);
        return goal;
    }

    /// <returns>False when nothing came, or the end of a partition.</returns>
    private bool Consume()
    {
        try
        {
            var wait = _buffer.IsEmpty ? LongestPoll : _options.MaxWait - _clock.GetElapsedTime(_bufferedSince);
            var result = _reader.Consume(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestPoll ? LongestPoll : wait);
            if (result is null) return false;
            var partition = StreamPartitions.FromKafka(result.TopicPartition);
            if (!_next.TryGetValue(partition, out var next)) return true; // handed to another worker meanwhile
            var position = _buffer.Position(partition) ?? next;
            if (result.Offset.Value < position) return true; // read once more after a seek
            if (_buffer.IsEmpty) _bufferedSince = _clock.GetTimestamp();
            if (result.IsPartitionEOF)
            {
                if (result.Offset.Value > position) _buffer.MoveTo(partition, next, result.Offset.Value);
                return false;
            }
            Add(partition, result);
            _buffer.MoveTo(partition, next, result.Offset.Value + 1);
            return true;
        }
        catch (ConsumeException failed) when (failed.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            var partition = StreamPartitions.FromKafka(failed.ConsumerRecord.TopicPartition);
            if (_next.TryGetValue(partition, out var next))
                ThrowIfGone(partition, _buffer.Position(partition) ?? next, _reader.Range(partition, _stop));
            _rewind = true;
            return false;
        }
    }

    private void Add(StreamPartition partition, ConsumeResult<byte[], byte[]> result)
    {
        _consumed++;
        var now = Timestamp.Now(_clock);
        var bytes = result.Message.Value?.Length ?? 0;
        if (partition.Topic == _options.Topics.Embeddings)
        {
            if (EmbeddingRecord.Read(result, out var refused) is { } change) _buffer.Add(partition, change.Item, change.Message?.Embedding, bytes);
            else _buffer.Add(EventMessage.Refused(partition, result, refused!, now));
            return;
        }
        if (EventMessage.Parse(result, now, out var rejection) is { } fact) _buffer.Add(partition, fact, bytes);
        else _buffer.Add(EventMessage.Refused(partition, result, rejection!, now));
    }

    private bool IsDue() => !_buffer.IsEmpty && (_buffer.Rows >= _options.MaxRows || _buffer.Bytes >= _options.MaxBytes
        || _clock.GetElapsedTime(_bufferedSince) >= _options.MaxWait);

    private void Flush()
    {
        if (_buffer.IsEmpty) return;
        var batch = _buffer.ToBatch(_options.Group);
        using var activity = IngestTelemetry.Begin(batch);
        var begun = _clock.GetTimestamp();
        try
        {
            Stored(batch, _writer.Append(batch, _stop), begun);
        }
        catch (FencedException fenced)
        {
            activity?.SetStatus(ActivityStatusCode.Error, "fenced");
            Fenced(fenced);
            Rewind();
        }
    }

    private void Stored(AppendBatch batch, AppendResult result, long begun)
    {
        _telemetry.Stored(batch, result, _clock.GetElapsedTime(begun));
        _buffer.Clear();
        foreach (var move in batch.Offsets) _next[move.Partition] = move.To;
        _board.Update(progress => progress with
        {
            Appended = progress.Appended + result.Appended,
            Duplicates = progress.Duplicates + result.Duplicates,
            DeadLetters = progress.DeadLetters + batch.DeadLetters.Count,
            Embeddings = progress.Embeddings + batch.Embeddings.Saved.Count + batch.Embeddings.Removed.Count,
            Batches = progress.Batches + 1,
        });
        // Counted before those who wait are told: who wakes finds the batch in the figures.
        _board.Committed(batch.Offsets.Select(move => KeyValuePair.Create(move.Partition, move.To)));
        _reader.Tell(batch.Offsets);
        _copies?.Send(batch.DeadLetters);
        if (batch.DeadLetters.Count > 0) _options.Notice?.Invoke(new IngestNotice.Refused(batch.DeadLetters));
    }

    private void Fenced(FencedException why)
    {
        _board.Update(progress => progress with { Fenced = progress.Fenced + 1 });
        _telemetry.Fenced();
        _options.Notice?.Invoke(new IngestNotice.WasFenced(why.Message));
    }

    /// <summary>Forgets what was read and not stored, and reads on from where the store stands.</summary>
    private void Rewind()
    {
        _rewind = false;
        _buffer.Clear();
        Assign([.. _next.Keys.Order(StreamPartitionOrder.Instance)], Known(_writer.Offsets(_stop)));
    }

    private void Assign(IReadOnlyList<StreamPartition> partitions, IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        foreach (var partition in partitions) _next[partition] = offsets.GetValueOrDefault(partition);
        _reader.ReadFrom(partitions, offsets);
    }

    private IReadOnlyDictionary<StreamPartition, long> Known(IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        _board.Committed(offsets);
        return offsets;
    }

    private long Report()
    {
        var (consumed, retries, lag, partitions) = (_consumed, _writer.Retries, _reader.Lag(_next), _next.Count);
        _reader.Tell();
        _telemetry.Consumed(consumed);
        _consumed = 0;
        _writer.Retries = 0;
        _board.Update(progress => progress with { Consumed = progress.Consumed + consumed, Retries = progress.Retries + retries, Lag = lag, Partitions = partitions });
        return _clock.GetTimestamp();
    }

    private long Discover()
    {
        if (_options.Assignment == PartitionAssignment.All && _reader.TryPartitions(_options.Topics.OfIngest) is { } all && all.Any(partition => !_next.ContainsKey(partition)))
        {
            Flush();
            Assign(all, Known(_writer.Offsets(_stop)));
        }
        return _clock.GetTimestamp();
    }

    private void ThrowIfGone(StreamPartition partition, long next, (long Low, long High) kept)
    {
        if (next >= kept.Low && next <= kept.High) return;
        var what = next < kept.Low ? $"{kept.Low - next} messages were dropped before they were ingested" : "the topic is not the one that was read before";
        throw new RefusedException($"topic {partition.Topic}, partition {partition.Partition}: offset {next} is next for group '{_options.Group}', but the stream holds "
            + $"{kept.Low} to {kept.High}: {what}. To go on with what is there, ingest with --reset earliest (or latest, timestamp=…, offset=N): the gap is kept on record");
    }

    /// <summary>What the group's rebalances do to the session.</summary>
    private sealed class Handlers(IngestSession session) : IRebalanceHandlers
    {
        public IReadOnlyDictionary<StreamPartition, long> Assigned(IReadOnlyList<StreamPartition> partitions)
        {
            var offsets = session.Known(session._writer.Offsets(session._stop));
            foreach (var partition in partitions) session._next[partition] = offsets.GetValueOrDefault(partition);
            session._options.Notice?.Invoke(new IngestNotice.Assigned(partitions));
            return offsets;
        }

        // One try, since the whole group waits: what fails here is read again, by whoever owns the partition then.
        public void Revoked(IReadOnlyList<StreamPartition> partitions)
        {
            if (!session._buffer.IsEmpty)
            {
                var batch = session._buffer.ToBatch(session._options.Group);
                var begun = session._clock.GetTimestamp();
                if (session._writer.TryAppend(batch) is { } result)
                {
                    session.Stored(batch, result, begun);
                }
                else
                {
                    session._buffer.Clear();
                    session._rewind = true;
                }
            }
            foreach (var partition in partitions) session._next.Remove(partition);
            session._options.Notice?.Invoke(new IngestNotice.Revoked(partitions));
        }

        public void Lost(IReadOnlyList<StreamPartition> partitions)
        {
            session._buffer.Drop(partitions.ToHashSet());
            foreach (var partition in partitions) session._next.Remove(partition);
            session._options.Notice?.Invoke(new IngestNotice.Lost(partitions));
        }
    }
}
