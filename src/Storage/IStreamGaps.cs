using Recs.Domain;

namespace Recs.Storage;

/// <summary>Offsets that an operator has moved over messages which are not in the store, and the record of it.</summary>
public interface IStreamGaps
{
    /// <summary>
    /// Moves each offset by compare-and-swap from <see cref="StreamGap.From"/> to <see cref="StreamGap.To"/> (which may be lower: a topic that was made anew)
    /// and keeps the gaps, all of it in one transaction or nothing.
    /// </summary>
    /// <exception cref="FencedException">An offset is not at <see cref="StreamGap.From"/>. Nothing was written.</exception>
    void MoveAcross(IReadOnlyList<StreamGap> gaps);

    /// <summary>The gaps of <paramref name="group"/>, in the order in which they were made.</summary>
    IReadOnlyList<StreamGap> Gaps(string group);
}

/// <summary>A stretch of a partition that a group has not read.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Partition">The partition.</param>
/// <param name="From">The next offset before; 0 for a partition never read.</param>
/// <param name="To">The next offset after.</param>
/// <param name="At">When it was moved.</param>
/// <param name="How">The operator's switch, such as <c>earliest</c>.</param>
public sealed record StreamGap(string Group, StreamPartition Partition, long From, long To, Timestamp At, string How);
