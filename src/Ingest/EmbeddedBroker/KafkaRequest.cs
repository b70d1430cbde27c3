namespace Recs.Ingest;

/// <summary>Requests of the Kafka protocol that a fault can be pushed on; the numbers are the protocol's API keys.</summary>
internal enum KafkaRequest : short
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    Heartbeat = 12,
    ConsumerGroupHeartbeat = 68,
}
