namespace Recs.Features.Affinity;

/// <summary>
/// For each item the items most often engaged with by the same user on the same day, with a strength in (0, 1).
/// Not state but a table built from the facts known before a moment, read like an embedding. Immutable.
/// </summary>
public sealed class AffinityTable
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _ids;
    private readonly int[][] _neighbours;
    private readonly float[][] _strengths;

    internal AffinityTable(Domain.Timestamp before, IReadOnlyList<string> ids, int[][] neighbours, float[][] strengths, RatingTable? ratings)
    {
        Find = id => _indexes.GetValueOrDefault(id, -1);
        Ratings = ratings;
        Before = before;
        _ids = ids;
        for (var i = 0; i < ids.Count; i++) _indexes.Add(ids[i], i);
        _neighbours = neighbours;
        _strengths = strengths;
    }

    /// <summary>The table speaks of facts known before this moment.</summary>
    public Domain.Timestamp Before { get; }

    /// <summary>Who liked what, where the builder was told to keep it.</summary>
    public RatingTable? Ratings { get; }

    /// <summary>Items that take part.</summary>
    public int Count => _indexes.Count;

    /// <summary>Up to <paramref name="count"/> items engaged with together with <paramref name="item"/>, strongest first; none for an item that takes no part.</summary>
    public IReadOnlyList<(string Item, float Strength)> Similar(string item, int count)
    {
        if (Find(item) is not (>= 0 and var row)) return [];
        var similar = new (string, float)[Math.Min(count, _neighbours[row].Length)];
        for (var at = 0; at < similar.Length; at++) similar[at] = (_ids[_neighbours[row][at]], _strengths[row][at]);
        return similar;
    }

    /// <summary>The index of an item, or −1. A delegate that is made once: a method named as one would be made into a new one for every candidate.</summary>
    internal Func<string, int> Find { get; }

    /// <summary>Table indexes of the neighbours of an item, strongest first.</summary>
    internal ReadOnlySpan<int> Neighbours(int index) => _neighbours[index];

    /// <summary>Strengths in the order of <see cref="Neighbours"/>.</summary>
    internal ReadOnlySpan<float> Strengths(int index) => _strengths[index];
}
