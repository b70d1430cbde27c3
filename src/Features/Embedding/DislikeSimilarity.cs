using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Embedding;

/// <summary>
/// The dislikes' side of <see cref="InterestSimilarity"/>, and a vote of both: the greatest cosine to a disliked item, the cosine to the decayed mean of the disliked items'
/// vectors at a short half-life (7 d unless told otherwise; the long one is InterestSimilarity's; −1 without dislikes), and the share of likes among the recent items whose texts
/// are near the candidate's, each weighing cosine³ and its age (half-life 90 d unless told otherwise), in log-odds above the user's own share. 0 without a vector.
/// </summary>
internal sealed class DislikeSimilarity(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("dislike_similarity",
    [
        new("short_days", 7, 0.01, 3_650, "Half-life of the short dislikes, in days."),
        new("half_life_days", 90, 0.01, 3_650, "Half-life of an entry of the recent list, in days."),
        new("smoothing", 1, 0.001, 1e6, "Weighted votes that weigh as much as the user's own share."),
    ], parameters => new DislikeSimilarity(parameters));

    private readonly double _shortDays = parameters["short_days"], _halfLife = parameters["half_life_days"], _smoothing = parameters["smoothing"];
    private readonly TableIndex _rows = new();
    private readonly List<(int Item, float Weight, bool Liked)> _recent = [];
    private readonly List<int> _recentRows = [];
    private readonly float[] _cosines = new float[RecentList.Capacity];
    private float[] _short = [];
    private bool _hasDisliked;
    private double _share;

    public override IReadOnlyList<string> Columns { get; } = ["disliked_max_cosine", $"disliked_short_{parameters.Days("short_days")}_cosine", "text_vote"];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        _recent.Clear();
        _recentRows.Clear();
        if (request.Vectors is not { Count: > 0 } vectors) return;
        if (_short.Length != vectors.Dimensions) _short = new float[vectors.Dimensions];
        Array.Clear(_short);
        _hasDisliked = false;
        double liked = 0, all = 0;
        foreach (ref readonly var recent in request.Recents)
        {
            var row = _rows.Row(vectors, vectors.Find, request.State.Items, recent.Item);
            if (row < 0) continue;
            var isLiked = recent.Type.IsPositive();
            _recentRows.Add(row);
            _recent.Add((recent.Item, (float)Decay.Weight((request.Now - recent.Time).TotalDays / _halfLife), isLiked));
            all++;
            liked += isLiked ? 1 : 0;
            if (isLiked) continue;
            _hasDisliked = true;
            TensorPrimitives.MultiplyAdd(vectors.Vector(row), (float)Decay.Weight((request.Now - recent.Time).TotalDays / _shortDays), _short, _short);
        }
        _share = (liked + 1) / (all + 2);
        var norm = TensorPrimitives.Norm(_short);
        if (norm > 1e-30f) TensorPrimitives.Divide(_short, norm, _short); // dislikes that decayed to nothing stay the zero vector: cosine 0
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        values[0] = values[1] = -1;
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return;
        var vector = request.Vectors!.Vector(row);
        if (_hasDisliked) values[1] = Cosines.Dot(_short, vector);
        double liked = 0, all = 0;
        request.Vectors.Dots(vector, CollectionsMarshal.AsSpan(_recentRows), _cosines);
        for (var at = 0; at < _recent.Count; at++)
        {
            var (item, age, isLiked) = _recent[at];
            if (item == candidate.Item) continue;
            var cosine = _cosines[at];
            if (!isLiked) values[0] = Math.Max(values[0], cosine);
            if (!(cosine > 0)) continue;
            var weight = age * cosine * cosine * cosine;
            all += weight;
            liked += isLiked ? weight : 0;
        }
        values[2] = (float)(Rates.Rate.LogOdds(Rates.Rate.Smooth(liked, all, _share, _smoothing)) - Rates.Rate.LogOdds(_share));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return ["−1: the item has no vector", "−1: the item has no vector", "0: the item has no vector"];
        var (self, table) = (candidate.Item, request.Vectors!);
        var others = _recent.Zip(_recentRows).Where(pair => pair.First.Item != self).Select(pair => (Id: request.State.Items[pair.First.Item], Cosine: table.Cosine(pair.Second, row), pair.First.Weight, pair.First.Liked)).OrderByDescending(entry => entry.Cosine).ToList();
        var disliked = others.Where(entry => !entry.Liked).ToList();
        return
        [
            $"greatest of the cosines to disliked items: {Evidence.List(disliked, disliked.Count, entry => Say($"{entry.Id} {entry.Cosine:0.####}"))}",
            _hasDisliked ? Say($"cosine to the mean of the vectors of recent dislikes, each 2^(−age / {_shortDays} d); version {table.Version}") : "−1: no recent dislike with a vector",
        Say($"log-odds of the likes among near recent items (cosine³ · 2^(−age / {_halfLife} d), {_smoothing} · share) above those of the share {_share:0.####}: {Evidence.List(others, others.Count, entry => Say($"{entry.Id} {(entry.Liked ? "liked" : "disliked")} {entry.Cosine:0.####}"))}"),
        ];
    }
}
