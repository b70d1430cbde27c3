namespace Recs.Ingest;

/// <summary>Who decides which partitions a worker reads. Facts are exact under each: the store's offsets decide, not the group's.</summary>
public enum PartitionAssignment
{
    /// <summary>This worker reads all partitions: for a store that one process owns (DuckDB), and for batch.</summary>
    All = 0,

    /// <summary>A classic consumer group, cooperative: any Kafka.</summary>
    ClassicGroup = 1,

    /// <summary>A consumer group by KIP-848: Kafka 4.0 and later, and the embedded broker.</summary>
    ConsumerGroup = 2,
}
