using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>Reads partitions of the embeddings topic from their beginning to where they end now.</summary>
internal sealed class EmbeddingSeed(KafkaConnection connection, TimeProvider clock)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AliveEvery = TimeSpan.FromSeconds(1);

    /// <param name="partitions">At least one.</param>
    /// <param name="found">Takes each vector and tombstone, in the order of its partition. What is neither is passed over: ingest keeps it as a dead letter.</param>
    /// <param name="keepAlive">Called now and then, so that the group does not take this worker for dead.</param>
    /// <param name="stop">Ends it.</param>
    public void Read(IReadOnlyList<StreamPartition> partitions, Action<int, EmbeddingRecord> found, Action keepAlive, CancellationToken stop)
    {
        using var reader = new PartitionReader(connection, "recs-embed-seed", PartitionAssignment.All, clock, null);
        var ends = new Dictionary<StreamPartition, long>();
        var next = new Dictionary<StreamPartition, long>();
        foreach (var partition in partitions)
        {
            var (low, high) = reader.Range(partition, stop);
            if (high > low) (next[partition], ends[partition]) = (low, high);
        }
        if (ends.Count == 0) return;
        reader.ReadFrom([.. ends.Keys], next);
        var alive = clock.GetTimestamp();
        while (ends.Count > 0)
        {
            stop.ThrowIfCancellationRequested();
            if (Consume(reader, next, ends, stop) is { } result)
            {
                var partition = result.Partition;
                if (!result.IsEnd && EmbeddingRecord.Read(result, out _) is { } record) found(partition.Partition, record);
                next[partition] = result.Offset + (result.IsEnd ? 0 : 1);
                if (ends.TryGetValue(partition, out var end) && next[partition] >= end) ends.Remove(partition);
            }
            if (clock.GetElapsedTime(alive) < AliveEvery) continue;
            alive = clock.GetTimestamp();
            keepAlive();
        }
    }

    private static StreamMessage? Consume(PartitionReader reader, Dictionary<StreamPartition, long> next, Dictionary<StreamPartition, long> ends, CancellationToken stop)
    {
        try
        {
            return reader.Consume(Poll);
        }
        catch (ConsumeException failed) when (failed.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            // Deleted while it was read. What is left says all there is to say of each item.
            foreach (var partition in ends.Keys.ToList())
            {
                var (low, high) = reader.Range(partition, stop);
                next[partition] = Math.Clamp(next[partition], low, high);
                if (next[partition] >= high) ends.Remove(partition);
            }
            if (ends.Count > 0) reader.ReadFrom([.. ends.Keys], next);
            return null;
        }
    }
}
