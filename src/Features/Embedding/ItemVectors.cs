using System.Globalization;
using System.Numerics.Tensors;
using Recs.Domain;
using Recs.Domain.Embeddings;

namespace Recs.Features.Embedding;

/// <summary>Item vectors of one embedding version, unit length, in memory. Immutable but for a cache; safe from any thread.</summary>
public sealed class ItemVectors
{
    private const int NearestKept = 20;

    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly string[] _ids;
    private readonly float[] _values;
    private readonly NearestRows _search; // rows are in id order: ties go to the smaller id
    private readonly Neighbours?[] _nearest;
    private readonly string[] _signatures;
    private readonly int[][] _experts;
    private readonly int[] _sameSignature;

    /// <param name="embeddings">Vectors of one version and length. An item without text has an all-zero vector and takes no part.</param>
    /// <exception cref="ArgumentException">Versions or lengths differ.</exception>
    public ItemVectors(IReadOnlyList<ItemEmbedding> embeddings)
        : this(embeddings.Count == 0 ? "none" : embeddings[0].Version, embeddings.Count == 0 ? 0 : embeddings[0].Vector.Length,
            [.. embeddings.OrderBy(embedding => embedding.Item.Value, StringComparer.Ordinal)])
    {
    }

    private ItemVectors(string version, int dimensions, IReadOnlyList<ItemEmbedding> ordered)
    {
        Find = id => _rows.GetValueOrDefault(id, -1);
        (Version, Dimensions) = (version, dimensions);
        RequireOneKind(ordered);
        var present = ordered.Where(embedding => embedding.Vector.AsSpan().ContainsAnyExcept(0f)).ToList();
        _ids = new string[present.Count];
        _values = new float[present.Count * Dimensions];
        _nearest = new Neighbours?[present.Count];
        var carriers = present.CountBy(embedding => embedding.Signature, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        _signatures = [.. present.Select(embedding => embedding.Signature)];
        _experts = [.. present.Select(embedding => ExpertsOf(embedding.Signature))];
        _sameSignature = [.. present.Select(embedding => carriers[embedding.Signature])];
        for (var row = 0; row < _ids.Length; row++)
        {
            var embedding = present[row];
            _rows.Add(_ids[row] = embedding.Item.Value, row);
            embedding.Vector.CopyTo(_values, row * Dimensions);
        }
        _search = new NearestRows(_values, Dimensions);
    }

    /// <summary>
    /// These vectors with some saved and some removed: equal to a table made of all of them. Neighbours already found are taken over where no change can be among
    /// them; the others are found anew, by <see cref="Prepare"/> or when first read.
    /// </summary>
    /// <param name="saved">New vectors, and those that take another's place; an all-zero one removes. One an item.</param>
    /// <param name="removed">Items that have no vector any more.</param>
    /// <exception cref="ArgumentException">A saved vector has another version or length.</exception>
    public ItemVectors With(IReadOnlyCollection<ItemEmbedding> saved, IReadOnlyCollection<ItemId> removed)
    {
        RequireOneKind(saved);
        var changed = saved.Select(embedding => embedding.Item.Value).Concat(removed.Select(item => item.Value)).ToHashSet(StringComparer.Ordinal);
        var kept = Enumerable.Range(0, Count).Where(row => !changed.Contains(_ids[row])).ToList();
        var next = new ItemVectors(Version, Dimensions,
            [.. kept.Select(row => new ItemEmbedding(new(_ids[row]), Version, "", Vector(row).ToArray(), _signatures[row])).Concat(saved).OrderBy(embedding => embedding.Item.Value, StringComparer.Ordinal)]);
        var rows = Array.ConvertAll(_ids, id => changed.Contains(id) ? -1 : next.Find(id));
        foreach (var row in kept)
            if (_nearest[row] is { } near && Moved(near, Vector(row), rows, saved) is { } moved) next._nearest[rows[row]] = moved;
        return next;
    }

    /// <summary>An unchanged item's neighbours in the rows of the next table; null where a change may be among them.</summary>
    private static Neighbours? Moved(Neighbours near, ReadOnlySpan<float> vector, int[] rows, IReadOnlyCollection<ItemEmbedding> saved)
    {
        if (saved.Count > 0 && near.Rows.Length < NearestKept) return null;
        var moved = Array.ConvertAll(near.Rows, row => rows[row]);
        if (moved.Contains(-1)) return null;
        // Far above what the rounding of a dot product can be.
        var least = saved.Count > 0 ? near.Cosines[^1] - 1e-4f : 0;
        foreach (var embedding in saved)
            if (Cosines.Dot(vector, embedding.Vector) >= least) return null;
        return new(moved, near.Cosines);
    }

    private void RequireOneKind(IEnumerable<ItemEmbedding> embeddings)
    {
        foreach (var embedding in embeddings)
            if (embedding.Version != Version || embedding.Vector.Length != Dimensions)
                throw new ArgumentException($"vectors of version {embedding.Version} with {embedding.Vector.Length} dimensions among {Version} with {Dimensions}: versions never mix");
    }

    /// <summary>The version all vectors share, or "none".</summary>
    public string Version { get; }

    /// <summary>Length of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Items with a vector.</summary>
    public int Count => _ids.Length;

    /// <summary>Up to <paramref name="count"/> items whose vectors are nearest by cosine, nearest first; null for an item without a vector.</summary>
    public IReadOnlyList<(string Item, float Cosine)>? Similar(string item, int count)
    {
        var row = Find(item);
        return row < 0 ? null : [.. _search.Find(Vector(row), count, row).Select(other => (_ids[other], Cosine(row, other)))];
    }

    /// <summary>Up to <paramref name="count"/> items nearest by cosine to the sum of the vectors of <paramref name="items"/>, nearest first; one pass over all vectors.</summary>
    /// <param name="items">Items; those without a vector are passed over. They may be among the answer.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="threads">Threads that may share the pass, the caller's among them; the answer is the same for any number.</param>
    /// <param name="cancel">Gives up in the middle of the pass.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<(string Item, float Cosine)> NearestTo(IEnumerable<string> items, int count, int threads = 1, CancellationToken cancel = default)
    {
        var sum = new float[Dimensions];
        foreach (var item in items)
            if (Find(item) is >= 0 and var row) TensorPrimitives.Add(sum, Vector(row), sum);
        var norm = TensorPrimitives.Norm(sum);
        if (!(norm > 0)) return [];
        TensorPrimitives.Divide(sum, norm, sum);
        return [.. _search.Find(sum, count, threads, cancel).Select(row => (_ids[row], Cosines.Dot(sum, Vector(row))))];
    }

    /// <summary>Whether the item has a vector.</summary>
    public bool Has(ItemId item) => Find(item.Value) >= 0;

    /// <summary>The cosine of two items' vectors, or null where one has none.</summary>
    public float? Cosine(ItemId a, ItemId b) => Find(a.Value) is >= 0 and var first && Find(b.Value) is >= 0 and var second ? Cosine(first, second) : null;

    /// <summary>Finds the neighbours that features read, which otherwise the first request to meet an item pays for.</summary>
    /// <param name="cancel">Stops between items.</param>
    public void Prepare(CancellationToken cancel)
    {
        for (var row = 0; row < Count && !cancel.IsCancellationRequested; row++) Nearest(row);
    }

    /// <summary>The row of an item, or −1. A delegate that is made once: a method named as one would be made into a new one for every candidate.</summary>
    internal Func<string, int> Find { get; }

    internal string Id(int row) => _ids[row];

    internal ReadOnlySpan<float> Vector(int row) => _values.AsSpan(row * Dimensions, Dimensions);

    internal float Cosine(int a, int b) => Cosines.Dot(Vector(a), Vector(b));

    /// <summary>The expert of each layer that most of the text's tokens went to; empty where the vector was kept without a signature.</summary>
    internal ReadOnlySpan<int> Experts(int row) => _experts[row];

    /// <summary>How many items carry the signature of this one, itself included.</summary>
    internal int SameSignature(int row) => _sameSignature[row];

    /// <summary>The dot products of a direction with some rows.</summary>
    internal void Dots(ReadOnlySpan<float> direction, ReadOnlySpan<int> rows, Span<float> dots) => Cosines.Dots(direction, _values, rows, dots);

    /// <summary>The 20 nearest other items; found at the first call by a pass over all vectors, then kept.</summary>
    internal Neighbours Nearest(int row) => _nearest[row] ??= FindNearest(row);

    private Neighbours FindNearest(int row)
    {
        var rows = _search.Find(Vector(row), NearestKept, row);
        var cosines = new float[rows.Length];
        Dots(Vector(row), rows, cosines);
        return new(rows, cosines);
    }

    // Other producers may put anything there: what is not experts joined by '-' is no signature.
    private static int[] ExpertsOf(string signature)
    {
        if (signature.Length == 0) return [];
        var parts = signature.Split('-');
        var experts = new int[parts.Length];
        for (var layer = 0; layer < experts.Length; layer++)
            if (!int.TryParse(parts[layer], NumberStyles.None, CultureInfo.InvariantCulture, out experts[layer])) return [];
        return experts;
    }

    /// <summary>Rows near an item, nearest first, with their cosines to it.</summary>
    internal sealed record Neighbours(int[] Rows, float[] Cosines);
}
