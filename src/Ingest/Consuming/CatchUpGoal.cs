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

    public bool IsReached(Dictionary<StreamPartition, long> next, IngestBuffer buffer, Func<IReadOnlyDictionary<StreamPartition, long>> stored)
    {
        var foreign = false;
        foreach (var (partition, high) in _open)
        {
            if (!next.TryGetValue(partition, out var own)) foreign = true;
            else if (own >= high) _open.Remove(partition);
            else if ((buffer.Position(partition) ?? own) < high) return false;
        }
        if (!foreign) return true;
        if (_clock.GetElapsedTime(_asked) < AskEvery) return false;
        _asked = _clock.GetTimestamp();
        foreach (var (partition, offset) in stored())
            if (_open.TryGetValue(partition, out var high) && offset >= high) _open.Remove(partition);
        return _open.Keys.All(next.ContainsKey);
    }
}
