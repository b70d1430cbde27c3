using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Affinity;

/// <summary>
/// Whether the people who like what this user likes also like the candidate: the mean cosine of the candidate's residuals to those of the newest liked and disliked items, the
/// difference of their sums over the root of the history's length, and the same of plain likes (co-like cosine). 0 without a table or history.
/// </summary>
internal sealed class RatingAffinity(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("rating_affinity",
        [new("horizon", 100, 1, 100, "Interactions of the recent list that count.", Whole: true)], parameters => new RatingAffinity(parameters));

    private readonly int _horizon = parameters.Whole("horizon");
    private readonly TableIndex _rows = new();
    private readonly HashSet<int> _seen = [];
    private readonly List<int> _likedUsers = [], _dislikedUsers = [];
    private RatingTable? _table;
    private RatingTable.Profile _liked, _disliked, _forecast;
    private readonly List<int> _forecastUsers = [];
    private float _userOffset, _weights;
    private int _likedItems, _dislikedItems;

    public override IReadOnlyList<string> Columns { get; } = ["residual_liked", "residual_disliked", "residual_difference", "residual_forecast", "colike_liked", "colike_disliked", "rating_offset_item", "rating_offset_user"];

    public override bool NeedsRatings => true;

    public override void Begin(FeatureRequest request)
    {
        if (_table is not null)
        {
            _liked.Clear(_likedUsers);
            _disliked.Clear(_dislikedUsers);
            _forecast.Clear(_forecastUsers);
        }
        _likedUsers.Clear();
        _dislikedUsers.Clear();
        _forecastUsers.Clear();
        _weights = 0;
        _seen.Clear();
        (_likedItems, _dislikedItems) = (0, 0);
        if (request.Affinity?.Ratings is not { } table)
        {
            _table = null;
            return;
        }
        if (!ReferenceEquals(table, _table)) (_table, _liked, _disliked, _forecast) = (table, new(table.Users), new(table.Users), new(table.Users));
        _userOffset = request.User < 0 ? 0 : (float)table.OffsetOf(request.State.Users[request.User]);
        var recents = request.Recents;
        for (var at = recents.Length - 1; at >= Math.Max(0, recents.Length - _horizon); at--)
        {
            if (!_seen.Add(recents[at].Item)) continue;
            var row = _rows.Row(table, table.Find, request.State.Items, recents[at].Item);
            if (row < 0) continue;
            var surprise = (float)((recents[at].Type.IsPositive() ? 1 : 0) - (table.MeanOf(row) + _userOffset));
            table.AddTo(row, surprise, _forecast.Residuals, _forecast.Likes, _forecastUsers);
            _weights += Math.Abs(surprise);
            if (recents[at].Type.IsPositive())
            {
                table.AddTo(row, 1, _liked.Residuals, _liked.Likes, _likedUsers);
                _likedItems++;
            }
            else
            {
                table.AddTo(row, 1, _disliked.Residuals, _disliked.Likes, _dislikedUsers);
                _dislikedItems++;
            }
        }
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        if (_table is not { } table) return;
        values[7] = _userOffset;
        var row = _rows.Row(table, table.Find, request.State.Items, candidate.Item);
        if (row < 0) return;
        var (residualLiked, residualDisliked, likesLiked, likesDisliked) = table.Dot(row, _liked, _disliked);
        values[0] = residualLiked / Math.Max(1, _likedItems);
        values[1] = residualDisliked / Math.Max(1, _dislikedItems);
        values[2] = (residualLiked - residualDisliked) / MathF.Sqrt(Math.Max(1, _likedItems + _dislikedItems));
        var (forecast, _, _, _) = table.Dot(row, _forecast, _disliked);
        values[3] = forecast / MathF.Sqrt(Math.Max(1, _weights));
        values[4] = likesLiked / Math.Max(1, _likedItems);
        values[5] = likesDisliked / Math.Max(1, _dislikedItems);
        values[6] = (float)table.OffsetOf(row);
        values[7] = _userOffset;
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        if (_table is not { } table) return [.. Columns.Select(_ => "0: no table of ratings")];
        var row = _rows.Row(table, table.Find, request.State.Items, candidate.Item);
        var user = Say($"how much more the user likes than others like the same items, drawn to 0 by {RatingTable.MeanStrength} ratings");
        if (row < 0) return [.. Columns.Take(7).Select(_ => "0: nobody rated the item before the table was made"), user];
        var raters = Say($"{table.RatersOf(row)} raters of the candidate, {_likedItems} liked and {_dislikedItems} disliked items of the recent list; table of what was known before {request.Affinity!.Before}");
        return
        [
            $"mean cosine of residuals (rating less item's and user's mean) to the liked items: {raters}", $"mean cosine of residuals to the disliked items: {raters}",
            Say($"(sum to liked − sum to disliked) / √{Math.Max(1, _likedItems + _dislikedItems)}: {raters}"),
            Say($"cosines of residuals weighted by how surprising each rating was, / √{Math.Max(1, _weights):0.####}: {raters}"),
            $"mean cosine of plain likes to the liked items: {raters}", $"mean cosine of plain likes to the disliked items: {raters}",
            Say($"how much more the item is liked than its raters like on the whole, drawn to 0 by {RatingTable.MeanStrength} ratings: {table.RatersOf(row)} raters"), user,
        ];
    }
}
