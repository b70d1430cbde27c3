namespace Recs.Storage.DuckDb;

/// <summary>
/// The keys of all facts of some days, the days used last, so that a resend is found without reading the day again. Invariant: the keys of a day that
/// is here are those of the committed facts. Bounded: beyond <see cref="Capacity"/> keys the day unused for longest is forgotten, and read again when
/// it is needed. Used under the file's gate.
/// </summary>
/// <param name="capacity">Keys held at most, 16 to 43 bytes each.</param>
internal sealed class KnownKeys(long capacity = 8_000_000)
{
    // In order of use, the latest last.
    private readonly LinkedList<(int Day, KeySet Keys)> _order = [];
    private readonly Dictionary<int, LinkedListNode<(int Day, KeySet Keys)>> _days = [];
    private long _count;

    public long Capacity => capacity;

    /// <summary>The keys of <paramref name="day"/>, or null when they are not here.</summary>
    public KeySet? Find(int day)
    {
        if (!_days.TryGetValue(day, out var node)) return null;
        _order.Remove(node);
        _order.AddLast(node);
        return node.Value.Keys;
    }

    /// <summary>Takes in a day, all of it.</summary>
    public KeySet Load(int day, IEnumerable<UInt128> keys)
    {
        var set = new KeySet();
        foreach (var key in keys) set.Add(key);
        _days[day] = _order.AddLast((day, set));
        _count += set.Count;
        Trim(day);
        return set;
    }

    /// <summary>Facts that are committed now.</summary>
    public void Add(IEnumerable<(int Day, UInt128 Key)> facts)
    {
        foreach (var (day, key) in facts)
            if (_days.TryGetValue(day, out var node) && node.Value.Keys.Add(key)) _count++;
        Trim(int.MinValue);
    }

    /// <summary>The file may hold something else now.</summary>
    public void Forget()
    {
        _order.Clear();
        _days.Clear();
        _count = 0;
    }

    private void Trim(int keep)
    {
        for (var node = _order.First; _count > capacity && node is not null;)
        {
            var next = node.Next;
            if (node.Value.Day != keep)
            {
                _order.Remove(node);
                _days.Remove(node.Value.Day);
                _count -= node.Value.Keys.Count;
            }
            node = next;
        }
    }
}
