using Recs.Storage;

namespace Recs.Ingest;

// What the group does to a session, from within Consume.
internal sealed partial class IngestSession
{
    /// <summary>What the group's rebalances do to the session.</summary>
    private sealed class Handlers(IngestSession session) : IRebalanceHandlers
    {
        public IReadOnlyDictionary<StreamPartition, long> Assigned(IReadOnlyList<StreamPartition> partitions)
        {
            session.Settle();
            var offsets = session.Known(session._writer.Offsets(session._stop));
            foreach (var partition in partitions) session._next[partition] = session._stored[partition] = offsets.GetValueOrDefault(partition);
            session._options.Notice?.Invoke(new IngestNotice.Assigned(partitions));
            return offsets;
        }

        // One try, since the whole group waits: what fails here is read again, by whoever owns the partition then.
        public void Revoked(IReadOnlyList<StreamPartition> partitions)
        {
            session._writing.Hurry();
            if (session.Settle() && !session._buffer.IsEmpty)
            {
                var batch = session._buffer.ToBatch(session._options.Group);
                if (session._writer.TryAppend(batch) is { } result)
                {
                    session._options.Stored?.Invoke(result);
                    session.Stored(batch, result);
                    foreach (var move in batch.Offsets) session._next[move.Partition] = move.To;
                }
                else
                {
                    session._rewind = true;
                }
                session._buffer.Clear();
            }
            session.Forget(partitions);
            session._options.Notice?.Invoke(new IngestNotice.Revoked(partitions));
        }

        public void Lost(IReadOnlyList<StreamPartition> partitions)
        {
            session._buffer.Drop(partitions.ToHashSet());
            session.Forget(partitions);
            session._options.Notice?.Invoke(new IngestNotice.Lost(partitions));
        }
    }
}
