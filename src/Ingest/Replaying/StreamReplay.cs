using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Reads the stream once more, beside whoever reads it live: without a group and without moving anybody's offsets. One use, one thread.
/// </summary>
/// <param name="connection">Where the brokers are.</param>
/// <param name="topics">Items and events of these are read.</param>
/// <param name="from">Messages known from then on …</param>
/// <param name="to">… and before then.</param>
/// <param name="allowGap">Go on although the stream may have dropped messages of that time.</param>
/// <param name="clock">Bounds event times.</param>
public sealed class StreamReplay(KafkaConnection connection, Topics topics, Timestamp from, Timestamp to, bool allowGap, TimeProvider clock)
{
    private const int BatchRows = 20_000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Messages looked at so far.</summary>
    public long Read { get; private set; }

    /// <summary>Of them, refused as no event; ingest has kept them as dead letters when they came.</summary>
    public long Refused { get; private set; }

    /// <summary>The valid events of that time, resends among them, in batches; reading ends where the stream ended when it began.</summary>
    /// <exception cref="RefusedException">The brokers do not answer, or the stream begins within the time and may have lost part of it.</exception>
    public IEnumerable<IReadOnlyList<Fact>> Facts(CancellationToken cancel)
    {
        using var reader = new PartitionReader(connection, "recs-replay", PartitionAssignment.All, clock, handlers: null);
        var open = reader.Partitions([topics.Items, topics.Events], cancel).ToDictionary(partition => partition, partition => reader.Range(partition, cancel));
        foreach (var (partition, range) in open.Where(entry => entry.Value.High <= entry.Value.Low).ToList()) open.Remove(partition);
        var next = new Dictionary<StreamPartition, long>();
        reader.ReadFrom([.. open.Keys], open.ToDictionary(entry => entry.Key, entry => entry.Value.Low));
        var batch = new List<Fact>(BatchRows);
        while (open.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            if (reader.Consume(Poll) is not { } message) continue;
            var partition = message.Partition;
            if (!open.TryGetValue(partition, out var range)) continue;
            if (!message.IsEnd && message.Offset < range.High) Take(message, partition, batch, next);
            if (message.IsEnd || message.Offset >= range.High - 1) open.Remove(partition);
            if (batch.Count < BatchRows) continue;
            yield return batch;
            batch = new List<Fact>(BatchRows);
        }
        reader.Leave();
        if (batch.Count > 0) yield return batch;
    }

    private void Take(StreamMessage message, StreamPartition partition, List<Fact> batch, Dictionary<StreamPartition, long> next)
    {
        Read++;
        var now = Timestamp.Now(clock);
        var known = EventMessage.Known(message, now);
        // What is missing before this message was known no later than it, as far as the stream is in order: a gap before the time does not matter.
        if (message.Offset > next.GetValueOrDefault(partition) && known >= from && !allowGap)
            throw new RefusedException($"topic {partition.Topic}, partition {partition.Partition} holds nothing between offsets {next.GetValueOrDefault(partition)} and {message.Offset}, which was known at {known}: "
                + $"messages of {from} to {to} may be gone (retention, compaction), and the facts made from them would be too; ask for a later time, or allow the gap with --allow-gap");
        next[partition] = message.Offset + 1;
        if (known < from || known >= to) return;
        if (EventMessage.Parse(message, now, out _) is { } fact) batch.Add(fact);
        else Refused++;
    }
}
