using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Bytes delivered to each partition that ingest has not committed yet, from delivery reports on one side and committed offsets on the other.
/// Invariant: never less than what waits. Neighbouring messages share an entry, which is released with its last message.
/// Not thread-safe; its owner locks.
/// </summary>
internal sealed class WaitingBytes(Func<StreamPartition, long> nextCommitted)
{
    private const int EntryBytes = 16 << 10;
    private readonly Dictionary<StreamPartition, Waiting> _partitions = [];

    public void Delivered(StreamPartition partition, long offset, int bytes)
    {
        if (!_partitions.TryGetValue(partition, out var waiting)) _partitions[partition] = waiting = new Waiting();
        waiting.Bytes += bytes;
        if (waiting.Open.Bytes + bytes > EntryBytes)
        {
            if (waiting.Open.Bytes > 0) waiting.Closed.Enqueue(waiting.Open);
            waiting.Open = (offset, bytes);
        }
        else
        {
            waiting.Open = (offset, waiting.Open.Bytes + bytes);
        }
    }

    /// <summary>The most that waits in one partition.</summary>
    public long Largest()
    {
        var largest = 0L;
        foreach (var (partition, waiting) in _partitions)
        {
            if (waiting.Bytes > 0) Release(waiting, nextCommitted(partition));
            largest = Math.Max(largest, waiting.Bytes);
        }
        return largest;
    }

    private static void Release(Waiting waiting, long next)
    {
        while (waiting.Closed.TryPeek(out var entry) && entry.Last < next) waiting.Bytes -= waiting.Closed.Dequeue().Bytes;
        if (waiting.Closed.Count > 0 || waiting.Open.Last >= next) return;
        waiting.Bytes = 0;
        waiting.Open = default;
    }

    private sealed class Waiting
    {
        public readonly Queue<(long Last, int Bytes)> Closed = [];
        public (long Last, int Bytes) Open;
        public long Bytes;
    }
}
