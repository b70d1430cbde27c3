using Recs.Storage;

namespace Recs.Ingest;

/// <summary>By topic (ordinal), then by partition.</summary>
internal sealed class StreamPartitionOrder : IComparer<StreamPartition>
{
    public static readonly StreamPartitionOrder Instance = new();

    public int Compare(StreamPartition left, StreamPartition right) =>
        string.CompareOrdinal(left.Topic, right.Topic) is not 0 and var order ? order : left.Partition.CompareTo(right.Partition);
}
