using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Everything that was on the stream at one moment. Partitions of other workers of the group count too: whether they are done
/// is asked of the store, at most every 200 ms.
/// </summary>
internal sealed class CatchUpGoal
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<StreamPartition, long> _open;
    private readonly TimeProvider _clock;
    private long _asked;

    public CatchUpGoal(IReadOnlyDictionary<StreamPartition, (long Low, long High)> ranges, TimeProvider clock)
    {
        _clock = clock;
        _asked = clock.GetTimestamp();
        _open = ranges.Where(range => range.Value.High > range.Value.Low).ToDictionary(range => range.Key, range => range.Value.High);
    }

    /// <summary>Whether this worker has read what is its own to read.</summary>
    /// <param name="owns">Whether a partition is this worker's.</param>
    /// <param name="position">How far one of its own is read.</param>
    public bool IsRead(Func<StreamPartition, bool> owns, Func<StreamPartition, long> position) => _open.All(open => !owns(open.Key) || position(open.Key) >= open.Value);

    /// <summary>Whether everything is in the store.</summary>
    /// <param name="own">The store's next offset of each of this worker's partitions.</param>
    /// <param name="all">Asks the store for those of the whole group.</param>
    public bool IsStored(Dictionary<StreamPartition, long> own, Func<IReadOnlyDictionary<StreamPartition, long>> all)
    {
        Close(own);
        if (_open.Count == 0) return true;
        if (_open.Keys.Any(own.ContainsKey) || _clock.GetElapsedTime(_asked) < AskEvery) return false;
        _asked = _clock.GetTimestamp();
        Close(all());
        return _open.Count == 0;
    }

    private void Close(IReadOnlyDictionary<StreamPartition, long> stored)
    {
        foreach (var (partition, high) in _open)
            if (stored.TryGetValue(partition, out var next) && next >= high) _open.Remove(partition);
    }
}
