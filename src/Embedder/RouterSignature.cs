using System.Globalization;

namespace Recs.Embedder;

/// <summary>
/// The expert that most of a text's tokens went to, layer by layer: a short discrete id of what a text is about, which a mixture-of-experts
/// model works out anyway. Two texts with equal signatures took the same way through the model. Immutable, thread-safe.
/// </summary>
public sealed class RouterSignature : IEquatable<RouterSignature>
{
    private readonly int[] _experts;

    /// <param name="experts">The expert of each layer that has experts, in layer order; not negative.</param>
    public RouterSignature(ReadOnlySpan<int> experts)
    {
        foreach (var expert in experts) ArgumentOutOfRangeException.ThrowIfNegative(expert);
        _experts = experts.ToArray();
    }

    /// <summary>Of a text without tokens, and of a model without experts.</summary>
    public static RouterSignature None { get; } = new([]);

    /// <summary>0-based experts, one for each layer that has experts (and was computed), in layer order.</summary>
    public IReadOnlyList<int> Experts => _experts;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">Not numbers joined by '-'.</exception>
    public static RouterSignature Parse(string text) => text.Length == 0
        ? None
        : new([.. text.Split('-').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))]);

    /// <summary>The experts joined by '-', such as <c>3-0-1-2</c>; empty for <see cref="None"/>.</summary>
    public override string ToString() => string.Join('-', _experts);

    /// <inheritdoc/>
    public bool Equals(RouterSignature? other) => other is not null && _experts.AsSpan().SequenceEqual(other._experts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RouterSignature);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var expert in _experts) hash.Add(expert);
        return hash.ToHashCode();
    }
}
