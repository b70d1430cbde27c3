using Recs.Storage;

namespace Recs.Ingest;

/// <summary>What a worker does when its group's partitions move. Called from within <see cref="PartitionReader.Consume"/> and <see cref="PartitionReader.Leave"/>.</summary>
internal interface IRebalanceHandlers
{
    /// <summary>Partitions this worker reads from now on.</summary>
    /// <returns>The next offset of each partition ever read; the others start at their beginning.</returns>
    IReadOnlyDictionary<StreamPartition, long> Assigned(IReadOnlyList<StreamPartition> partitions);

    /// <summary>Partitions about to go to another worker, who waits for this call to end.</summary>
    void Revoked(IReadOnlyList<StreamPartition> partitions);

    /// <summary>Partitions that another worker may own already.</summary>
    void Lost(IReadOnlyList<StreamPartition> partitions);
}
