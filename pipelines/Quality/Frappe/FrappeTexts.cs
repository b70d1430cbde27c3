using System.Numerics.Tensors;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Embedder;
using Recs.Pipelines.Embed;

namespace Recs.Pipelines.Quality.Frappe;

/// <summary>
/// What an app's text says that counters cannot: how much its nearest apps are used, and how near it is to the other apps that the user had (never to itself, so that
/// the pair cannot be told from it). Cosines between all apps lie in one table.
/// </summary>
internal sealed class FrappeTexts
{
    /// <summary>Columns.</summary>
    public const int Width = 3;

    private const int Neighbours = 20;

    private readonly Dictionary<int, int> _places = [];
    private readonly int[] _items;
    private readonly float[][] _cosines;
    private readonly int[][] _nearest;

    private FrappeTexts(int[] items, float[][] vectors)
    {
        _items = items;
        for (var at = 0; at < items.Length; at++) _places.Add(items[at], at);
        _cosines = new float[items.Length][];
        _nearest = new int[items.Length][];
        Parallel.For(0, items.Length, a =>
        {
            var cosines = new float[items.Length];
            for (var b = 0; b < cosines.Length; b++) cosines[b] = TensorPrimitives.Dot(vectors[a], vectors[b]);
            _cosines[a] = cosines;
            _nearest[a] = [.. Enumerable.Range(0, items.Length).Where(b => b != a).OrderByDescending(b => cosines[b]).ThenBy(b => b).Take(Neighbours)];
        });
    }

    /// <summary>Embeds the apps that have a text.</summary>
    public static FrappeTexts Of(IReadOnlyDictionary<int, FrappeApp> apps, Backend backend, IProgress<double> progress, CancellationToken cancel)
    {
        var items = apps.Where(app => app.Value.Text.Length > 0).OrderBy(app => app.Key)
            .Select(app => new Item { Id = new ItemId(app.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)), Title = app.Value.Text }).ToList();
        var vectors = TextVectors.Embeddings(items, ItemText.DefaultTemplate, backend, progress, cancel)
            .Where(made => made.Vector.AsSpan().ContainsAnyExcept(0f)).Select(made => (Item: int.Parse(made.Item.Value, System.Globalization.CultureInfo.InvariantCulture), made.Vector)).OrderBy(made => made.Item).ToList();
        return new([.. vectors.Select(made => made.Item)], [.. vectors.Select(made => made.Vector)]);
    }

    /// <summary>Apps with a vector.</summary>
    public int Count => _items.Length;

    /// <summary>Writes the columns. [<see cref="Width"/>]</summary>
    public void Read(FrappeCounts counts, FrappeRow row, Span<float> values)
    {
        if (!_places.TryGetValue(row.Item, out var place))
        {
            values.Fill(-1);
            return;
        }
        var cosines = _cosines[place];
        double prior = 0, weights = 0;
        foreach (var neighbour in _nearest[place])
        {
            var weight = Math.Max(0, cosines[neighbour]);
            prior += weight * Math.Log(1 + counts[Counter.Item, _items[neighbour]]);
            weights += weight;
        }
        values[0] = (float)(prior / Math.Max(weights, 1e-9));

        float first = -1, second = -1, third = -1;
        foreach (var app in counts.AppsOf(row.User))
        {
            if (app == row.Item || !_places.TryGetValue(app, out var other)) continue;
            var cosine = cosines[other];
            if (cosine > first) (first, second, third) = (cosine, first, second);
            else if (cosine > second) (second, third) = (cosine, second);
            else if (cosine > third) third = cosine;
        }
        values[1] = first;
        values[2] = (first + second + third) / 3;
    }
}
