using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Embedding;

/// <summary>
/// The way the candidate's text took through the mixture of experts, as a semantic id: the share of the user's recent likes (each 2^(−age / half-life)) with the very same router
/// signature, the mean share of layers in which their experts agree, the same of the dislikes, and how many items carry that signature (log). −1 without a signature or the history.
/// </summary>
internal sealed class SignatureMatch(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("router_signature",
        [new("half_life_days", 90, 0.01, 3_650, "Half-life of an entry of the recent list, in days.")], parameters => new SignatureMatch(parameters));

    private readonly double _halfLife = parameters["half_life_days"];
    private readonly TableIndex _rows = new();
    private readonly List<(int Row, double Weight, bool Liked)> _recent = [];

    public override IReadOnlyList<string> Columns { get; } = ["signature_share", "signature_agreement", "signature_disliked_agreement", "signature_items"];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        _recent.Clear();
        if (request.Vectors is not { Count: > 0 } vectors) return;
        foreach (ref readonly var recent in request.Recents)
        {
            var row = _rows.Row(vectors, vectors.Find, request.State.Items, recent.Item);
            if (row >= 0 && vectors.Experts(row).Length > 0) _recent.Add((row, Decay.Weight((request.Now - recent.Time).TotalDays / _halfLife), recent.Type.IsPositive()));
        }
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Fill(-1);
        var row = Row(request, candidate);
        if (row < 0) return;
        var vectors = request.Vectors!;
        var own = vectors.Experts(row);
        double same = 0, agreeing = 0, liked = 0, disagreeing = 0, disliked = 0;
        foreach (var (other, weight, isLiked) in _recent)
        {
            var share = Agreement(own, vectors.Experts(other));
            if (isLiked)
            {
                liked += weight;
                agreeing += weight * share;
                same += share == 1 ? weight : 0;
            }
            else
            {
                disliked += weight;
                disagreeing += weight * share;
            }
        }
        if (liked > 0) (values[0], values[1]) = ((float)(same / liked), (float)(agreeing / liked));
        if (disliked > 0) values[2] = (float)(disagreeing / disliked);
        values[3] = Log(vectors.SameSignature(row));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var row = Row(request, candidate);
        if (row < 0) return [.. Columns.Select(_ => "−1: the item has no router signature")];
        var vectors = request.Vectors!;
        var own = string.Join('-', vectors.Experts(row).ToArray());
        string Of(bool liked)
        {
            var others = _recent.Where(entry => entry.Liked == liked).Reverse().ToList();
            return $"signature {own}; recent {(liked ? "likes" : "dislikes")}, newest first: {Evidence.List(others, others.Count, entry => Say($"{vectors.Id(entry.Row)} {string.Join('-', vectors.Experts(entry.Row).ToArray())}"))}";
        }
        return [$"share with the same {Of(true)}", $"mean share of agreeing layers, {Of(true)}", $"mean share of agreeing layers, {Of(false)}", Say($"log(1 + {vectors.SameSignature(row)} items with signature {own}), version {vectors.Version}")];
    }

    private int Row(FeatureRequest request, in Candidate candidate)
    {
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        return row >= 0 && request.Vectors!.Experts(row).Length > 0 ? row : -1;
    }

    private static double Agreement(ReadOnlySpan<int> one, ReadOnlySpan<int> other)
    {
        if (one.Length != other.Length) return 0;
        var agree = 0;
        for (var layer = 0; layer < one.Length; layer++) agree += one[layer] == other[layer] ? 1 : 0;
        return (double)agree / one.Length;
    }
}
