using Recs.Domain.Events;
using Recs.Features.Explaining;

namespace Recs.Features.Users;

/// <summary>
/// A numeric attribute of items, such as a year: the candidate's number, the mean over the user's recent likes and over the dislikes, how far the candidate is from each, and
/// the share of recent likes among the items within <c>near</c> of it. Mean and distances are 0 without history, the number −1 where the item has none.
/// </summary>
internal sealed class NumberTaste(string attribute, FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("number_taste",
        [new("near", 5, 1e-6, 1e9, "How far apart two numbers may be to count as near, in the attribute's unit.")], (attribute, parameters) => new NumberTaste(attribute, parameters));

    private readonly double _near = parameters["near"];
    private readonly List<(double Number, bool Liked)> _recent = [];
    private double _liked, _disliked;

    public override IReadOnlyList<string> Columns { get; } = [$"{attribute}_number", $"{attribute}_liked_mean", $"{attribute}_from_liked", $"{attribute}_from_disliked", $"{attribute}_near_liked"];

    public override void Begin(FeatureRequest request)
    {
        _recent.Clear();
        double liked = 0, disliked = 0;
        var likes = 0;
        foreach (ref readonly var recent in request.Recents)
        {
            if (request.State.Catalogue.Find(recent.Item)?.Number(attribute) is not { } number) continue;
            var isLiked = recent.Type.IsPositive();
            _recent.Add((number, isLiked));
            if (isLiked) (liked, likes) = (liked + number, likes + 1);
            else disliked += number;
        }
        _liked = likes == 0 ? double.NaN : liked / likes;
        _disliked = _recent.Count == likes ? double.NaN : disliked / (_recent.Count - likes);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        values[1] = double.IsNaN(_liked) ? 0 : (float)_liked;
        values[4] = 0.5f;
        if (candidate.Entry?.Number(attribute) is not { } number)
        {
            values[0] = -1;
            return;
        }
        values[0] = (float)number;
        if (!double.IsNaN(_liked)) values[2] = (float)Math.Abs(number - _liked);
        if (!double.IsNaN(_disliked)) values[3] = (float)Math.Abs(number - _disliked);
        int near = 0, liked = 0;
        foreach (var (other, isLiked) in _recent)
            if (Math.Abs(other - number) <= _near) (near, liked) = (near + 1, liked + (isLiked ? 1 : 0));
        values[4] = (liked + 1f) / (near + 2);
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (likes, dislikes) = (_recent.Where(entry => entry.Liked).ToList(), _recent.Where(entry => !entry.Liked).ToList());
        string Of(List<(double Number, bool Liked)> entries) => Evidence.List(Enumerable.Reverse(entries), entries.Count, entry => Say($"{entry.Number}"));
        if (candidate.Entry?.Number(attribute) is not { } number)
            return [$"−1: the item has no {attribute}", $"mean {attribute} of recent likes: {Of(likes)}", $"0: the item has no {attribute}", $"0: the item has no {attribute}", $"one half: the item has no {attribute}"];
        var near = _recent.Where(entry => Math.Abs(entry.Number - number) <= _near).ToList();
        return
        [
            $"its {attribute}", $"mean {attribute} of recent likes: {Of(likes)}", Say($"|{number} − mean| of recent likes: {Of(likes)}"), Say($"|{number} − mean| of recent dislikes: {Of(dislikes)}"),
            Say($"({near.Count(entry => entry.Liked)} likes + 1) / ({near.Count} recent items within {_near} + 2)"),
        ];
    }
}
