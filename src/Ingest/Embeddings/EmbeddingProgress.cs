namespace Recs.Ingest;

/// <summary>What a worker has done since it was made.</summary>
/// <param name="Consumed">Messages of items read, including those read again after a fault.</param>
/// <param name="Made">Vectors made and acknowledged by the brokers.</param>
/// <param name="Unchanged">Item versions whose text had its vector already, or that a newer version had overtaken.</param>
/// <param name="Removed">Items whose vector was removed by a tombstone.</param>
/// <param name="Refused">Messages that are no item; ingest keeps them as dead letters.</param>
/// <param name="Batches">Batches committed.</param>
/// <param name="Known">Items whose vector on the stream is known, of this worker's partitions.</param>
/// <param name="Partitions">Partitions of items this worker reads now.</param>
public readonly record struct EmbeddingProgress(long Consumed, long Made, long Unchanged, long Removed, long Refused, long Batches, long Known, int Partitions);
