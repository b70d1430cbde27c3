using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Embedding;

/// <summary>
/// How near the candidate's text is to what the user engaged with lately: cosine to the decayed mean of the liked items' vectors
/// (half-lives 7 d and 90 d) and of the disliked ones' (90 d), the greatest and the mean of the three greatest cosines to single
/// liked items other than itself. −1 where a vector or the history is missing.
/// </summary>
internal sealed class InterestSimilarity(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("interest_similarity",
    [
        new("short_days", 7, 0.01, 3_650, "Half-life of the short interest, in days."),
        new("long_days", 90, 0.01, 3_650, "Half-life of the long interest and of the dislikes, in days."),
    ], parameters => new InterestSimilarity(parameters));

    private readonly double _shortDays = parameters["short_days"], _longDays = parameters["long_days"];
    private readonly TableIndex _rows = new();
    private readonly List<int> _likedItems = [], _likedRows = [];
    private readonly float[] _cosines = new float[RecentList.Capacity];
    private readonly HashSet<int> _seen = [];
    private float[] _short = [], _long = [], _disliked = [];
    private bool _hasLiked, _hasDisliked;

    public override IReadOnlyList<string> Columns { get; } =
        [$"interest_{parameters.Days("short_days")}_cosine", $"interest_{parameters.Days("long_days")}_cosine", $"disliked_{parameters.Days("long_days")}_cosine", "liked_max_cosine", "liked_top3_cosine"];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        _likedItems.Clear();
        _likedRows.Clear();
        _seen.Clear();
        _hasLiked = _hasDisliked = false;
        if (request.Vectors is not { Count: > 0 } vectors) return;
        if (_short.Length != vectors.Dimensions)
        {
            _short = new float[vectors.Dimensions];
            _long = new float[vectors.Dimensions];
            _disliked = new float[vectors.Dimensions];
        }
        Array.Clear(_short);
        Array.Clear(_long);
        Array.Clear(_disliked);
        foreach (ref readonly var recent in request.Recents)
        {
            var row = _rows.Row(vectors, vectors.Find, request.State.Items, recent.Item);
            if (row < 0) continue;
            var vector = vectors.Vector(row);
            var age = (request.Now - recent.Time).TotalDays;
            if (recent.Type.IsPositive())
            {
                _hasLiked = true;
                Accumulate(_short, vector, Decay.Weight(age / _shortDays));
                Accumulate(_long, vector, Decay.Weight(age / _longDays));
                if (!_seen.Add(recent.Item)) continue;
                _likedItems.Add(recent.Item);
                _likedRows.Add(row);
            }
            else
            {
                _hasDisliked = true;
                Accumulate(_disliked, vector, Decay.Weight(age / _longDays));
            }
        }
        Normalize(_short);
        Normalize(_long);
        Normalize(_disliked);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Fill(-1);
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return;
        var vector = request.Vectors!.Vector(row);
        if (_hasDisliked) values[2] = Cosines.Dot(_disliked, vector);
        if (!_hasLiked) return;
        values[0] = Cosines.Dot(_short, vector);
        values[1] = Cosines.Dot(_long, vector);
        float first = -1, second = -1, third = -1;
        request.Vectors.Dots(vector, CollectionsMarshal.AsSpan(_likedRows), _cosines);
        for (var at = 0; at < _likedItems.Count; at++)
        {
            if (_likedItems[at] == candidate.Item) continue; // itself is the business of UserItemHistory
            var cosine = _cosines[at];
            if (cosine > first) (first, second, third) = (cosine, first, second);
            else if (cosine > second) (second, third) = (cosine, second);
            else if (cosine > third) third = cosine;
        }
        values[3] = first;
        values[4] = third > -1 ? (first + second + third) / 3 : second > -1 ? (first + second) / 2 : first;
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return [.. Columns.Select(_ => "−1: the item has no vector")];
        var (self, table) = (candidate.Item, request.Vectors!);
        var nearest = _likedItems.Zip(_likedRows).Where(pair => pair.First != self).Select(pair => (request.State.Items[pair.First], Cosine: table.Cosine(pair.Second, row))).OrderByDescending(entry => entry.Cosine).ToList();
        var told = Evidence.List(nearest, nearest.Count, entry => Say($"{entry.Item1} {entry.Cosine:0.####}"));
        string Mean(bool has, string what, double days) => has ? Say($"cosine to the mean of the vectors of recent {what}, each 2^(−age / {days} d); version {table.Version}") : $"−1: no recent {what} with a vector";
        return
        [
            Mean(_hasLiked, "likes", _shortDays), Mean(_hasLiked, "likes", _longDays), Mean(_hasDisliked, "dislikes", _longDays),
            $"greatest of the cosines to other liked items: {told}", $"mean of the three greatest cosines to other liked items: {told}",
        ];
    }

    private static void Accumulate(float[] sum, ReadOnlySpan<float> vector, double weight) =>
        TensorPrimitives.MultiplyAdd(vector, (float)weight, sum, sum);

    // A sum that decayed to nothing stays the zero vector: its cosine is 0, "no opinion".
    private static void Normalize(float[] vector)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 1e-30f) TensorPrimitives.Divide(vector, norm, vector);
    }
}
