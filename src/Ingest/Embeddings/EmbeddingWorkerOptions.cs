using Recs.Domain;

namespace Recs.Ingest;

/// <summary>What an operator may vary of <see cref="EmbeddingWorker"/>.</summary>
public sealed record EmbeddingWorkerOptions
{
    /// <summary>What is read and written. Default <c>recs.items</c> and <c>recs.embeddings</c>.</summary>
    public Topics Topics { get; init; } = new();

    /// <summary>
    /// The Kafka group that shares the work and keeps the offsets. Default (null): <c>recs-embed-VERSION</c>, so that a new embedding version reads all
    /// items again. At least one character.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>The group's protocol: <see cref="PartitionAssignment.ClassicGroup"/> (default) or <see cref="PartitionAssignment.ConsumerGroup"/>.</summary>
    public PartitionAssignment Assignment { get; init; } = PartitionAssignment.ClassicGroup;

    /// <summary>Texts that are embedded together. Range 1 to 100,000, default 256.</summary>
    public int MaxItems { get; init; } = 256;

    /// <summary>Characters of texts that are embedded together; the text that passes it is still taken. Range 1 to 100,000,000, default 4,000,000.</summary>
    public int MaxCharacters { get; init; } = 4_000_000;

    /// <summary>How long an item may wait for others. Range 1 ms to 60 s, default 200 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one vector may take to be delivered before the worker gives up. Range 1 s to 4 min (the group waits no longer), default 2 min.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <exception cref="RefusedException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Group is { Length: 0 }) throw new RefusedException("embed: the group is empty; a group has at least one character");
        if (Assignment is not (PartitionAssignment.ClassicGroup or PartitionAssignment.ConsumerGroup))
            throw new RefusedException($"embed: {nameof(Assignment)} is {Assignment}; the workers share the items as a group, {PartitionAssignment.ClassicGroup} or {PartitionAssignment.ConsumerGroup}");
        Within(MaxItems, 1, 100_000, nameof(MaxItems), "items");
        Within(MaxCharacters, 1, 100_000_000, nameof(MaxCharacters), "characters");
        Within(Linger.TotalMilliseconds, 1, 60_000, nameof(Linger), "ms");
        Within(DeliveryTimeout.TotalSeconds, 1, 240, nameof(DeliveryTimeout), "s");
    }

    private static void Within(double value, double least, double most, string name, string unit)
    {
        if (!(value >= least && value <= most)) throw new RefusedException($"embed: {name} is {value} {unit}, range {least} to {most}");
    }
}
