namespace Recs.Ingest;

/// <summary>What a worker has done since it was made. The store's own counts are the truth: a batch whose commit was not confirmed is found there, not here.</summary>
/// <param name="Consumed">Messages read, including those read again after a fault.</param>
/// <param name="Appended">Facts stored.</param>
/// <param name="Duplicates">Resends dropped.</param>
/// <param name="DeadLetters">Refused messages stored.</param>
/// <param name="Batches">Transactions committed.</param>
/// <param name="Fenced">Batches dropped because another worker had moved an offset.</param>
/// <param name="Retries">Failures of the store that were tried again.</param>
/// <param name="Lag">Messages on the stream that are not stored yet, in this worker's partitions; as of the last second.</param>
/// <param name="Partitions">Partitions this worker reads now.</param>
/// <param name="Embeddings">Item vectors stored or removed.</param>
public readonly record struct IngestProgress(
    long Consumed, long Appended, long Duplicates, long DeadLetters, long Batches, long Fenced, long Retries, long Lag, int Partitions, long Embeddings)
{
    /// <summary>Messages of the transactions committed.</summary>
    public long StoredMessages { get; init; }

    /// <summary>What storing them took in all, each from its first try to its commit.</summary>
    public TimeSpan CommitTime { get; init; }

    /// <summary>The longest of these.</summary>
    public TimeSpan LongestCommit { get; init; }
}
