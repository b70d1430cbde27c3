namespace Recs.Api.Decisions;

/// <summary>
/// The newest decisions as messages, in a ring of segments that are written over, oldest first. The messages themselves would be collected in the middle of their life: at
/// 200 decisions a second, copying them from one generation to the next was most of what a collection did. Safe from any thread.
/// </summary>
/// <param name="segments">Segments at most, made when first needed. At least 2.</param>
/// <param name="segmentBytes">Of one; a longer message is not kept.</param>
internal sealed class RecentDecisions(int segments = 32, int segmentBytes = 1 << 20)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Segment, int Start, int Length)> _places = new(StringComparer.Ordinal);
    private readonly Segment?[] _segments = new Segment?[segments];
    private int _current;

    /// <summary>The message of a decision, or null where it is none of the newest.</summary>
    public byte[]? Find(string id)
    {
        lock (_lock) return _places.TryGetValue(id, out var place) ? _segments[place.Segment]!.Bytes.AsSpan(place.Start, place.Length).ToArray() : null;
    }

    /// <summary>Keeps a message; the first one of an id stays.</summary>
    public void Add(string id, ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            if (message.Length > segmentBytes || _places.ContainsKey(id)) return;
            var segment = _segments[_current] ??= new(segmentBytes);
            if (segment.Used + message.Length > segmentBytes) segment = Next();
            message.CopyTo(segment.Bytes.AsSpan(segment.Used));
            _places.Add(id, (_current, segment.Used, message.Length));
            segment.Ids.Add(id);
            segment.Used += message.Length;
        }
    }

    private Segment Next()
    {
        _current = (_current + 1) % _segments.Length;
        var segment = _segments[_current] ??= new(segmentBytes);
        foreach (var id in segment.Ids) _places.Remove(id);
        segment.Ids.Clear();
        segment.Used = 0;
        return segment;
    }

    private sealed class Segment(int bytes)
    {
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(bytes);

        public List<string> Ids { get; } = [];

        public int Used { get; set; }
    }
}
