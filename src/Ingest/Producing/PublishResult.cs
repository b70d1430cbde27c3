using Recs.Domain;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>What a bulk publication left on the stream.</summary>
/// <param name="Published">Messages delivered.</param>
/// <param name="Next">The offset after the last message, for each partition that got one.</param>
public sealed record PublishResult(long Published, IReadOnlyDictionary<StreamPartition, long> Next);

/// <summary>A message as bytes, valid or not.</summary>
/// <param name="Topic">Where to.</param>
/// <param name="Key">Decides the partition; null for any.</param>
/// <param name="Value">The bytes; null is a tombstone.</param>
/// <param name="Known">The Kafka timestamp.</param>
public readonly record struct RawMessage(string Topic, string? Key, byte[]? Value, Timestamp Known);
