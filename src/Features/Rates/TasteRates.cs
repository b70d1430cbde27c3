using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Rates;

/// <summary>
/// How readily this user likes the candidate's groups: for its tags the mean, the greatest and the least of the user's own rate in each, for its category and its author
/// the rate, all in log-odds above the user's rate of everything, each drawn towards it, and how many items the tags' rates rest on. 0 without history.
/// Rates count the distinct items the user ever liked and disliked, with the groups those items have now: counts by (user, tag) in the state would depend on whether an
/// item's version or the interaction came first.
/// </summary>
internal sealed class TasteRates(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("taste_rates",
        [new("smoothing", 5, 0.01, 1e6, "Items of a group that weigh as much as the user's rate of everything.")], parameters => new TasteRates(parameters));

    private readonly double _smoothing = parameters["smoothing"];
    private readonly List<int> _touched = [];
    private int[] _liked = [], _disliked = [];
    private double _rate, _base;

    public override IReadOnlyList<string> Columns { get; } = ["taste_rate_tags", "taste_rate_tag_max", "taste_rate_tag_min", "taste_rate_category", "taste_rate_author", "taste_rate_items"];

    public override void Begin(FeatureRequest request)
    {
        foreach (var group in _touched) _liked[group] = _disliked[group] = 0;
        _touched.Clear();
        var groups = request.State.Groups;
        if (_liked.Length < groups.Count) (_liked, _disliked) = (new int[groups.Count], new int[groups.Count]);
        var (liked, disliked) = (request.Profile.Liked, request.Profile.Disliked);
        Count(groups, liked, _liked);
        Count(groups, disliked, _disliked);
        var priors = new Priors(request.State, 20);
        _rate = liked.Count + disliked.Count == 0 ? priors.Overall : Rate.Smooth(liked.Count, liked.Count + disliked.Count, priors.User(request.User), _smoothing);
        _base = Rate.LogOdds(_rate);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        var groups = request.State.Groups;
        double sum = 0, greatest = double.MinValue, least = double.MaxValue;
        int tags = 0, items = 0;
        foreach (var group in groups.Of(candidate.Item))
        {
            int liked = _liked[group], disliked = _disliked[group];
            var above = Rate.LogOdds(Rate.Smooth(liked, liked + disliked, _rate, _smoothing)) - _base;
            switch (groups.Kind(group))
            {
                case 'c': values[3] = (float)above; break;
                case 'a': values[4] = (float)above; break;
                default:
                    sum += above;
                    (greatest, least) = (Math.Max(greatest, above), Math.Min(least, above));
                    items += liked + disliked;
                    tags++;
                    break;
            }
        }
        if (tags == 0) return;
        values[0] = (float)(sum / tags);
        values[1] = (float)greatest;
        values[2] = (float)least;
        values[5] = Log((double)items / tags);
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var groups = request.State.Groups;
        var members = groups.Of(candidate.Item).ToArray();
        string Of(IEnumerable<int> chosen)
        {
            List<int> list = [.. chosen];
            return Say($"{Evidence.List(list, list.Count, group => Say($"{groups.Name(group)} {_liked[group]} liked, {_disliked[group]} disliked"))}; each (liked + {_smoothing} · {_rate:0.####}) / (all + {_smoothing}), log-odds above the user's rate {_rate:0.####}");
        }
        var tags = Of(members.Where(group => groups.Kind(group) == 't'));
        return [$"mean over tags: {tags}", $"greatest: {tags}", $"least: {tags}", Of(members.Where(group => groups.Kind(group) == 'c')), Of(members.Where(group => groups.Kind(group) == 'a')), $"log(1 + items per tag): {tags}"];
    }

    private void Count(ItemGroups groups, ItemDays days, int[] counts)
    {
        var before = -1;
        foreach (var item in days.ItemOfTile)
        {
            if (item == before) continue;
            before = item;
            foreach (var group in groups.Of(item))
            {
                if (_liked[group] == 0 && _disliked[group] == 0) _touched.Add(group);
                counts[group]++;
            }
        }
    }
}
