using Recs.Features.State;

namespace Recs.Features.Affinity;

/// <summary>
/// The strongest neighbours of one item that were offered, at most <see cref="AffinityBuilder.Neighbours"/>: a heap with the weakest on top. Of equal strengths the
/// smaller id is the stronger, so that what is kept does not depend on the order of the offers.
/// </summary>
internal struct Strongest
{
    private int[]? _neighbours;
    private float[]? _strengths;
    private int _count;

    /// <summary>Keeps a neighbour if it is among the strongest.</summary>
    /// <returns>The least strength that may still be kept: 0 as long as there is room.</returns>
    public float Offer(int neighbour, float strength, Interner items)
    {
        if (_neighbours is null) (_neighbours, _strengths) = (new int[AffinityBuilder.Neighbours], new float[AffinityBuilder.Neighbours]);
        if (_count < _neighbours.Length)
        {
            var at = _count++;
            for (; at > 0 && IsWeaker(neighbour, strength, (at - 1) / 2, items); at = (at - 1) / 2) Move((at - 1) / 2, at);
            (_neighbours[at], _strengths![at]) = (neighbour, strength);
        }
        else if (!IsWeaker(neighbour, strength, 0, items)) Sink(neighbour, strength, items);
        return _count < _neighbours.Length ? 0 : _strengths![0];
    }

    /// <summary>All that was kept, strongest first; nothing is left.</summary>
    public (int[] Neighbours, float[] Strengths) Sorted(Interner items)
    {
        var (neighbours, strengths) = (new int[_count], new float[_count]);
        while (_count > 0)
        {
            (neighbours[_count - 1], strengths[_count - 1]) = (_neighbours![0], _strengths![0]);
            _count--;
            if (_count > 0) Sink(_neighbours[_count], _strengths[_count], items);
        }
        return (neighbours, strengths);
    }

    /// <summary>Puts a neighbour in the place of the weakest.</summary>
    private readonly void Sink(int neighbour, float strength, Interner items)
    {
        var at = 0;
        while (2 * at + 1 < _count)
        {
            var child = 2 * at + 1;
            if (child + 1 < _count && IsWeaker(_neighbours![child + 1], _strengths![child + 1], child, items)) child++;
            if (IsWeaker(neighbour, strength, child, items)) break;
            Move(child, at);
            at = child;
        }
        (_neighbours![at], _strengths![at]) = (neighbour, strength);
    }

    private readonly void Move(int from, int to) => (_neighbours![to], _strengths![to]) = (_neighbours[from], _strengths[from]);

    private readonly bool IsWeaker(int neighbour, float strength, int than, Interner items) =>
        strength != _strengths![than] ? strength < _strengths[than] : string.CompareOrdinal(items[neighbour], items[_neighbours![than]]) > 0;
}
