using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// One bulk publication: many messages in flight, the first failure ends it.
/// Overflow policy: the client's queue full → wait for room; with a throttle, at most a third of the allowance is in flight
/// (it could all be for one partition) and no partition holds more than the other two thirds not yet ingested.
/// </summary>
internal sealed class BulkPublication(IProducer<string?, byte[]?> producer, KafkaConnection connection, ProducerOptions options, Func<StreamPartition, long>? nextCommitted)
{
    // Record headers, and the batch header of a batch of one, are below this.
    private const int OverheadBytes = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<StreamPartition, long> _next = [];
    private readonly WaitingBytes? _waiting = nextCommitted is null ? null : new WaitingBytes(nextCommitted);
    private Error? _failure;
    private long _inFlightBytes;
    private long _inFlight;
    private long _delivered;
    private long _unchecked;

    public PublishResult Run(IEnumerable<RawMessage> messages, CancellationToken cancel)
    {
        try
        {
            foreach (var message in messages) Send(message, cancel);
        }
        finally
        {
            // Reports still to come touch this object: leave only when none is left, or the caller gave up.
            while (Read(() => _inFlight) > 0 && !cancel.IsCancellationRequested) producer.Flush(TimeSpan.FromMilliseconds(100));
        }
        cancel.ThrowIfCancellationRequested();
        ThrowIfFailed();
        lock (_gate) return new PublishResult(_delivered, new Dictionary<StreamPartition, long>(_next));
    }

    private void Send(RawMessage message, CancellationToken cancel)
    {
        ThrowIfFailed();
        cancel.ThrowIfCancellationRequested();
        var bytes = OverheadBytes + (message.Value?.Length ?? 0) + (message.Key?.Length ?? 0);
        if (_waiting is not null) WaitForRoom(bytes, cancel);
        lock (_gate)
        {
            _inFlight++;
            _inFlightBytes += bytes;
        }
        while (true)
        {
            try
            {
                producer.Produce(message.Topic, EventProducer.ToKafka(message), report => Delivered(report, bytes));
                return;
            }
            catch (ProduceException<string?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(50));
                if (!cancel.IsCancellationRequested) continue;
                Undo(bytes);
                cancel.ThrowIfCancellationRequested();
            }
            catch (KafkaException failed)
            {
                Undo(bytes);
                throw KafkaRefusal.Of(connection, $"publishing to {message.Topic}", failed.Error, failed);
            }
        }
    }

    private void WaitForRoom(int bytes, CancellationToken cancel)
    {
        var third = options.WaitingBytesPerPartition / 3;
        while (true)
        {
            lock (_gate)
            {
                var roomInFlight = _inFlight == 0 || _inFlightBytes + bytes <= third;
                // Looking at every partition for each message would cost more than sending it.
                if (roomInFlight && (_unchecked + bytes <= 64 << 10)) break;
                if (roomInFlight && (_waiting!.Largest() <= 2 * third))
                {
                    _unchecked = 0;
                    break;
                }
            }
            ThrowIfFailed();
            if (cancel.WaitHandle.WaitOne(Pause)) cancel.ThrowIfCancellationRequested();
        }
        _unchecked += bytes;
    }

    private void Delivered(DeliveryReport<string?, byte[]?> report, int bytes)
    {
        lock (_gate)
        {
            _inFlight--;
            _inFlightBytes -= bytes;
            if (report.Error.IsError)
            {
                _failure ??= report.Error;
                return;
            }
            _delivered++;
            var partition = new StreamPartition(report.Topic, report.Partition.Value);
            _next[partition] = Math.Max(_next.GetValueOrDefault(partition), report.Offset.Value + 1);
            _waiting?.Delivered(partition, report.Offset.Value, bytes);
        }
    }

    private void Undo(int bytes)
    {
        lock (_gate)
        {
            _inFlight--;
            _inFlightBytes -= bytes;
        }
    }

    private void ThrowIfFailed()
    {
        if (Read(() => _failure) is { } failure) throw KafkaRefusal.Of(connection, $"publishing (after {Read(() => _delivered)} messages)", failure);
    }

    private T Read<T>(Func<T> field)
    {
        lock (_gate) return field();
    }
}
