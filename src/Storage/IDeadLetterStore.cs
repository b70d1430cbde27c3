using Recs.Domain;
using Recs.Domain.Wire;

namespace Recs.Storage;

/// <summary>The refused messages, and what became of each.</summary>
public interface IDeadLetterStore
{
    /// <summary>The refused messages that <paramref name="filter"/> lets through, in the order (topic, partition, offset), at most <paramref name="limit"/>.</summary>
    IReadOnlyList<KeptDeadLetter> FindDeadLetters(DeadLetterFilter filter, int limit);

    /// <summary>How many <paramref name="filter"/> lets through, by state and reason.</summary>
    IReadOnlyDictionary<(DeadLetterState State, RejectionReason Reason), long> CountDeadLetters(DeadLetterFilter filter);

    /// <summary>Brings letters into another state, all or none; each must be in the state that the caller believes it to be in.</summary>
    /// <exception cref="FencedException">One of them is not: somebody else has dealt with it. Nothing was written.</exception>
    void Settle(IReadOnlyList<DeadLetterChange> changes);
}

/// <summary>What became of a refused message. The numbers reach the disk: they never change.</summary>
public enum DeadLetterState
{
    /// <summary>Nothing was done about it.</summary>
    Open = 1,
    /// <summary>It was read again and is stored, or it was published again.</summary>
    Retried = 2,
    /// <summary>Somebody decided to leave it.</summary>
    Dropped = 3,
    /// <summary>It is being published again; where the program ended meanwhile, whether it was is not known.</summary>
    Publishing = 4,
}

/// <summary>Names a refused message: where it came from, and what it holds (a topic made anew counts its offsets from 0 again).</summary>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="ContentHash">SHA-256 (hex) of its bytes; empty for one that was kept by an older build.</param>
public readonly record struct DeadLetterKey(StreamPartition Partition, long Offset, string ContentHash);

/// <summary>A refused message as it is kept.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Letter">What it is.</param>
/// <param name="State">What became of it.</param>
/// <param name="Changed">When that changed last; null for never.</param>
/// <param name="Note">Of whoever changed it; empty for none.</param>
public sealed record KeptDeadLetter(DeadLetterKey Key, DeadLetter Letter, DeadLetterState State, Timestamp? Changed, string Note);

/// <summary>A change of state.</summary>
/// <param name="Key">Which letter.</param>
/// <param name="From">The state it must be in.</param>
/// <param name="To">The state it gets.</param>
/// <param name="At">When.</param>
/// <param name="Note">Why, for those who look later.</param>
public sealed record DeadLetterChange(DeadLetterKey Key, DeadLetterState From, DeadLetterState To, Timestamp At, string Note);

/// <summary>Which refused messages are meant; what is null leaves all through.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Every letter.</summary>
    public static readonly DeadLetterFilter All = new();

    /// <summary>In this state.</summary>
    public DeadLetterState? State { get; init; }

    /// <summary>Of this topic.</summary>
    public string? Topic { get; init; }

    /// <summary>Of this partition.</summary>
    public int? Partition { get; init; }

    /// <summary>At this offset.</summary>
    public long? Offset { get; init; }

    /// <summary>Refused for this reason.</summary>
    public RejectionReason? Reason { get; init; }

    /// <summary>With a Kafka timestamp not before this moment.</summary>
    public Timestamp? Since { get; init; }

    /// <summary>With a Kafka timestamp before this moment.</summary>
    public Timestamp? Until { get; init; }

    /// <summary>Behind this one, for reading page by page.</summary>
    public DeadLetterKey? After { get; init; }
}
