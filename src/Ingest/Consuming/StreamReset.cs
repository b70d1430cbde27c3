using Recs.Domain;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Applies an operator's <see cref="OffsetReset"/> once, before reading begins: to partitions whose stored position the stream does not hold any more, and to those
/// that the group has never read (but for an offset, which is a place in one partition). A position that is on the stream stays. The offset and the record of the gap move in one transaction.
/// </summary>
internal sealed class StreamReset(PartitionReader reader, StoreWriter writer, string group, OffsetReset reset, TimeProvider clock)
{
    /// <summary>How often others of the group may be met doing the same before it is given up.</summary>
    private const int Tries = 10;

    /// <returns>What was moved; empty where every position is on the stream.</returns>
    /// <exception cref="RefusedException">The stream does not reach to where the operator wants to go on.</exception>
    public IReadOnlyList<StreamGap> Apply(IReadOnlyList<StreamPartition> partitions, CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            var gaps = Gaps(partitions, writer.Offsets(stop), stop);
            if (gaps.Count == 0) return [];
            try
            {
                writer.MoveAcross(gaps, stop);
                return gaps;
            }
            catch (FencedException) when (tries < Tries)
            {
                // Another worker of the group moved meanwhile, or this try was committed unconfirmed: looked at anew.
            }
        }
    }

    private List<StreamGap> Gaps(IReadOnlyList<StreamPartition> partitions, IReadOnlyDictionary<StreamPartition, long> offsets, CancellationToken stop)
    {
        var gaps = new List<StreamGap>();
        var lost = new List<(StreamPartition Partition, long Next, long Low, long High)>();
        foreach (var partition in partitions)
        {
            var (low, high) = reader.Range(partition, stop);
            var isKnown = offsets.TryGetValue(partition, out var next);
            if (isKnown ? next < low || next > high : reset.Offset is null) lost.Add((partition, next, low, high));
        }
        var times = reset.Time is { } time && lost.Count > 0 ? reader.OffsetsAt([.. lost.Select(place => place.Partition)], time, stop) : null;
        foreach (var (partition, next, low, high) in lost)
        {
            var to = reset switch
            {
                { Offset: { } offset } when offset < low || offset > high => throw new RefusedException(
                    $"topic {partition.Topic}, partition {partition.Partition}: the stream holds offsets {low} to {high}, so reading cannot go on at {offset}; give --reset earliest, latest, timestamp=… or an offset within"),
                { Offset: { } offset } => offset,
                { Time: not null } => times![partition] ?? high,
                _ => reset == OffsetReset.Earliest ? low : high,
            };
            if (to != next) gaps.Add(new StreamGap(group, partition, next, to, Timestamp.Now(clock), reset.Text));
        }
        return gaps;
    }
}
