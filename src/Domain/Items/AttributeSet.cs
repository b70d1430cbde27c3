using System.Collections;
using System.Globalization;

namespace Recs.Domain.Items;

/// <summary>
/// Named facts about an item or a user, sorted by name (ordinal), values as text; numbers in their shortest
/// invariant form. Immutable; two sets are equal when all names and values are.
/// </summary>
public sealed class AttributeSet : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<AttributeSet>
{
    private readonly KeyValuePair<string, string>[] _sorted;

    /// <param name="attributes">Names may come in any order; of a name given twice the last value stays.</param>
    public AttributeSet(IEnumerable<KeyValuePair<string, string>> attributes)
    {
        var byName = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in attributes) byName[name] = value;
        _sorted = [.. byName];
    }

    /// <summary>Nothing known.</summary>
    public static AttributeSet Empty { get; } = new([]);

    /// <summary>How many attributes there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>The value under <paramref name="name"/>, or null.</summary>
    public string? Text(string name)
    {
        foreach (var (key, value) in _sorted)
            if (string.Equals(key, name, StringComparison.Ordinal)) return value;
        return null;
    }

    /// <summary>The value under <paramref name="name"/> as a finite number, or null.</summary>
    public double? Number(string name) =>
        double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <inheritdoc/>
    public bool Equals(AttributeSet? other) => other is not null && _sorted.AsSpan().SequenceEqual(other._sorted);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AttributeSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var pair in _sorted) hash.Add(pair);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
