using Recs.Domain.Events;

namespace Recs.Ingest;

/// <summary>The topics of one installation; two installations on one cluster differ by prefix.</summary>
/// <param name="Prefix">What every name starts with, before the dot.</param>
public sealed record Topics(string Prefix = "recs")
{
    /// <summary>Partitions of <see cref="Items"/> where this build creates it.</summary>
    public const int ItemPartitions = 4;

    /// <summary>Partitions of <see cref="Events"/> where this build creates it: the embedded broker keeps 5 MiB of each.</summary>
    public const int EventPartitions = 32;

    /// <summary>Item upserts, keyed by item, compacted.</summary>
    public string Items => $"{Prefix}.items";

    /// <summary>User upserts, impressions and interactions, keyed by user.</summary>
    public string Events => $"{Prefix}.events";

    /// <summary>Item vectors, keyed by item, compacted.</summary>
    public string Embeddings => $"{Prefix}.embeddings";

    /// <summary>What was served and why, keyed by user.</summary>
    public string Decisions => $"{Prefix}.decisions";

    /// <summary>A copy of refused messages, for those who want them on the stream too; the store keeps them in any case.</summary>
    public string DeadLetters => $"{Prefix}.dead-letters";

    /// <summary>The topics that hold events, in the order in which they are read.</summary>
    public IReadOnlyList<string> OfEvents => [Items, Events];

    /// <summary>The topics that ingest reads into the store: events and vectors.</summary>
    public IReadOnlyList<string> OfIngest => [Items, Events, Embeddings];

    /// <summary>The topic that <paramref name="source"/> is published to.</summary>
    public string Of(Event source) => source is ItemUpserted ? Items : Events;

    /// <summary>How many partitions <paramref name="topic"/> gets where this build creates it.</summary>
    internal int Partitions(string topic) => topic == DeadLetters ? 1 : IsCompacted(topic) ? ItemPartitions : EventPartitions;

    internal bool IsCompacted(string topic) => topic == Items || topic == Embeddings;
}
