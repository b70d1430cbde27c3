using Recs.Domain;

namespace Recs.Ingest;

/// <summary>What an operator may vary of <see cref="EventConsumer"/>.</summary>
public sealed record IngestOptions
{
    /// <summary>What is read. Default <c>recs.items</c>, <c>recs.events</c> and <c>recs.embeddings</c>.</summary>
    public Topics Topics { get; init; } = new();

    /// <summary>The name under which the store keeps the offsets, and the Kafka group if there is one. At least one character, default <c>recs-ingest</c>.</summary>
    public string Group { get; init; } = "recs-ingest";

    /// <summary>Who decides which partitions are read. Default <see cref="PartitionAssignment.All"/>.</summary>
    public PartitionAssignment Assignment { get; init; } = PartitionAssignment.All;

    /// <summary>
    /// What to do at the start where the store's position is not on the stream any more, and in partitions that the group has never read.
    /// Default null: the first is refused, the second is read from its beginning. Whatever is moved is kept as a <see cref="Storage.StreamGap"/>.
    /// </summary>
    public OffsetReset? Reset { get; init; }

    /// <summary>Told what happens, on the worker's threads, which wait meanwhile; at times on two of them at once. Default null: nobody.</summary>
    public Action<IngestNotice>? Notice { get; init; }

    /// <summary>Whether stored dead letters are also published to <see cref="Topics.DeadLetters"/>, at most once each. Default false.</summary>
    public bool CopyDeadLetters { get; init; }

    /// <summary>Messages in one transaction. Range 1 to 100,000, default 5,000.</summary>
    public int MaxRows { get; init; } = 5_000;

    /// <summary>How long a message may wait for others. Range 1 ms to 60 s, default 50 ms.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of messages in one transaction; the message that passes it is still taken. Range 1 KiB to 1 GiB, default 8 MiB.</summary>
    public int MaxBytes { get; init; } = 8 << 20;

    /// <summary>The first pause after the store failed; each further one is twice as long, up to 10 s, and shortened at random by up to half. Range 1 ms to 10 s, default 100 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a failing store is tried again before the worker gives up. Range 0 to 24 h, default 5 min.</summary>
    public TimeSpan RetryLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told of every batch that was stored, in order, on the writer's thread, which waits for it; null for nobody.</summary>
    public Action<Storage.AppendResult>? Stored { get; init; }

    /// <summary>Seed of the pauses' randomness; give each worker its own. Any number, default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="RefusedException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Group)) throw new RefusedException("ingest: the group is empty; a group has at least one character");
        Within(MaxRows, 1, 100_000, nameof(MaxRows), "rows");
        Within(MaxWait.TotalMilliseconds, 1, 60_000, nameof(MaxWait), "ms");
        Within(MaxBytes, 1 << 10, 1 << 30, nameof(MaxBytes), "bytes");
        Within(RetryPause.TotalMilliseconds, 1, 10_000, nameof(RetryPause), "ms");
        Within(RetryLimit.TotalHours, 0, 24, nameof(RetryLimit), "h");
    }

    private static void Within(double value, double least, double most, string name, string unit)
    {
        if (!(value >= least && value <= most)) throw new RefusedException($"ingest: {name} is {value} {unit}, range {least} to {most}");
    }
}
