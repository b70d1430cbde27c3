using Confluent.Kafka;
using Recs.Domain;
using Recs.Storage;
using Timestamp = Recs.Domain.Timestamp;

namespace Recs.Ingest;

/// <summary>
/// One run of <see cref="EventConsumer"/>, from connecting to leaving. Everything happens on the one thread that calls <see cref="Run"/>,
/// the client's rebalance handlers included (it calls them from within Consume), so nothing here is locked; but for the writing of a batch,
/// which goes on while the next one is read (<see cref="BatchInFlight"/>).
/// </summary>
internal sealed partial class IngestSession : IDisposable
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
    private readonly BatchInFlight _writing;
    // The partitions this worker reads, each with the offset at which the next batch begins (0: never read): the store's, once what is in flight is stored.
    private readonly Dictionary<StreamPartition, long> _next = [];
    // The store's next offset of each of them as last seen.
    private readonly Dictionary<StreamPartition, long> _stored = [];
    private readonly CancellationToken _stop;
    private bool _rewind;
    private long _bufferedSince;
    private long _consumed;

    public IngestSession(KafkaConnection connection, IEventStore store, IngestOptions options, TimeProvider clock, CommitBoard board, IngestTelemetry telemetry, CancellationToken stop)
    {
        (_options, _clock, _board, _telemetry, _stop) = (options, clock, board, telemetry, stop);
        _writer = new StoreWriter(store, options, clock, telemetry);
        _writing = new BatchInFlight(_writer, options.Stored);
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
                var now = _clock.GetTimestamp();
                if (_writing.IsDone) Settle();
                if (_rewind) Rewind();
                if (IsDue(now))
                {
                    Flush();
                    idle = true;
                }
                if (goal is not null && idle && goal.IsRead(_next.ContainsKey, Position))
                {
                    Flush();
                    if (Settle() && _buffer.IsEmpty && goal.IsStored(_stored, () => _writer.Offsets(_stop))) break;
                }
                if (_clock.GetElapsedTime(reported, now) >= ReportEvery) reported = Report();
                if (_clock.GetElapsedTime(discovered, now) >= DiscoverEvery) discovered = Discover();
            }
            Flush();
            Settle();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What is in the buffer is not stored, and the store's offsets say so: the next run reads it again.
        }
        finally
        {
            _writing.Abandon();
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
            if (_reader.Consume(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestPoll ? LongestPoll : wait) is not { } message) return false;
            var partition = message.Partition;
            if (!_next.TryGetValue(partition, out var next)) return true; // handed to another worker meanwhile
            var position = _buffer.Position(partition) ?? next;
            if (message.Offset < position) return true; // read once more after a seek
            if (_buffer.IsEmpty) _bufferedSince = _clock.GetTimestamp();
            if (message.IsEnd)
            {
                if (message.Offset > position) _buffer.MoveTo(partition, next, message.Offset);
                return false;
            }
            Add(message);
            _buffer.MoveTo(partition, next, message.Offset + 1);
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

    private void Add(StreamMessage message)
    {
        _consumed++;
        var now = Timestamp.Now(_clock);
        var (partition, bytes) = (message.Partition, message.Value?.Length ?? 0);
        if (partition.Topic == _options.Topics.Embeddings)
        {
            if (EmbeddingRecord.Read(message, out var refused) is { } change) _buffer.Add(partition, change.Item, change.Message?.Embedding, bytes);
            else _buffer.Add(EventMessage.Refused(message, refused!, now));
            return;
        }
        if (EventMessage.Parse(message, now, out var rejection) is { } fact) _buffer.Add(partition, fact, bytes);
        else _buffer.Add(EventMessage.Refused(message, rejection!, now));
    }

    // While a batch is being written the next one grows: what waits for a slow store goes into it at once, in fewer and larger batches.
    private bool IsDue(long now) => !_buffer.IsEmpty && (_buffer.Rows >= _options.MaxRows || _buffer.Bytes >= _options.MaxBytes
        || (_writing.Batch is null && _clock.GetElapsedTime(_bufferedSince, now) >= _options.MaxWait));

    /// <summary>Hands what was read to the store, once the batch before it is there.</summary>
    private void Flush()
    {
        if (_buffer.IsEmpty || !Settle()) return;
        var batch = _buffer.ToBatch(_options.Group);
        _buffer.Clear();
        foreach (var move in batch.Offsets) _next[move.Partition] = move.To;
        _writing.Begin(batch, _stop);
    }

    /// <summary>Waits until no batch is under way.</summary>
    /// <returns>False when it was not written: all that was read since is forgotten, and reading begins anew from the store's offsets.</returns>
    private bool Settle()
    {
        if (_writing.Batch is null) return !_rewind;
        try
        {
            var (batch, result) = _writing.Finish();
            Stored(batch, result);
            return true;
        }
        catch (FencedException fenced)
        {
            Fenced(fenced);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Hurried by a rebalance: not known to be written, so the store is asked.
        }
        _buffer.Clear();
        _rewind = true;
        return false;
    }

    private void Stored(AppendBatch batch, AppendResult result)
    {
        foreach (var move in batch.Offsets)
            if (_stored.ContainsKey(move.Partition)) _stored[move.Partition] = move.To;
        var (took, messages) = (_writer.LastCommit, batch.Offsets.Sum(move => move.To - move.From));
        _board.Update(progress => progress with
        {
            StoredMessages = progress.StoredMessages + messages,
            CommitTime = progress.CommitTime + took,
            LongestCommit = took > progress.LongestCommit ? took : progress.LongestCommit,
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
        Settle();
        _rewind = false;
        _buffer.Clear();
        Assign([.. _next.Keys.Order(StreamPartitionOrder.Instance)], Known(_writer.Offsets(_stop)));
    }

    private void Assign(IReadOnlyList<StreamPartition> partitions, IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        foreach (var partition in partitions) _next[partition] = _stored[partition] = offsets.GetValueOrDefault(partition);
        _reader.ReadFrom(partitions, offsets);
    }

    private void Forget(IReadOnlyList<StreamPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _next.Remove(partition);
            _stored.Remove(partition);
        }
    }

    /// <summary>Everything below it is stored, in flight or in the buffer.</summary>
    private long Position(StreamPartition partition) => _buffer.Position(partition) ?? _next[partition];

    private IReadOnlyDictionary<StreamPartition, long> Known(IReadOnlyDictionary<StreamPartition, long> offsets)
    {
        _board.Committed(offsets);
        return offsets;
    }

    private long Report()
    {
        var (consumed, retries, lag, partitions) = (_consumed, _writer.TakeRetries(), _reader.Lag(_next), _next.Count);
        _reader.Tell();
        _telemetry.Consumed(consumed);
        _consumed = 0;
        _board.Update(progress => progress with { Consumed = progress.Consumed + consumed, Retries = progress.Retries + retries, Lag = lag, Partitions = partitions });
        return _clock.GetTimestamp();
    }

    private long Discover()
    {
        if (_options.Assignment == PartitionAssignment.All && _reader.TryPartitions(_options.Topics.OfIngest) is { } all && all.Any(partition => !_next.ContainsKey(partition)))
        {
            Flush();
            if (Settle()) Assign(all, Known(_writer.Offsets(_stop)));
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
}
