using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Explaining;
using Recs.Features.Rates;

namespace Recs.Features.Users;

/// <summary>
/// What the user's recent likes say by themselves, dislikes left out, so that it means the same where only likes go on being told: how many there are, within the last hour and day and
/// since the newest (log; −1 before the first), how readily liked and how often tried the liked items are (mean over the newest 20) and how far the candidate is from that, and how much
/// of its tags it shares (Jaccard: greatest, mean, and with the newest). 0 where nothing was liked.
/// </summary>
internal sealed class PositiveHistory(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("positive_history",
        [new("horizon", 20, 1, 100, "Newest liked items that are compared with the candidate.", Whole: true)], parameters => new PositiveHistory(parameters));

    private readonly int _horizon = parameters.Whole("horizon");
    private readonly List<(int Item, Item? Entry)> _liked = [];
    private readonly float[] _user = new float[4];
    private Priors _priors;
    private double _rate, _trials;

    public override IReadOnlyList<string> Columns { get; } =
    [
        "likes_count", "likes_hour", "likes_day", "likes_gap_hours", "liked_rate_mean", "liked_rate_distance", "liked_trials_mean", "liked_trials_distance", "liked_tags_max", "liked_tags_mean", "liked_tags_newest",
    ];

    public override void Begin(FeatureRequest request)
    {
        _liked.Clear();
        _priors = new(request.State, 20);
        var recents = request.Recents;
        int count = 0, hour = 0, day = 0;
        var gap = -1.0;
        for (var at = recents.Length - 1; at >= 0; at--)
        {
            if (!recents[at].Type.IsPositive()) continue;
            var age = (request.Now - recents[at].Time).TotalHours;
            if (count++ == 0) gap = Math.Max(0, age);
            hour += age <= 1 ? 1 : 0;
            day += age <= 24 ? 1 : 0;
            if (_liked.Count < _horizon) _liked.Add((recents[at].Item, request.State.Catalogue.Find(recents[at].Item)?.Item));
        }
        (_user[0], _user[1], _user[2], _user[3]) = (Log(count), Log(hour), Log(day), gap < 0 ? -1 : Log(gap));
        (_rate, _trials) = (0, 0);
        foreach (var (item, _) in _liked)
        {
            _rate += LogOdds(item) / _liked.Count;
            _trials += Log(request.State.ByItem.Totals(item).Trials) / _liked.Count;
        }
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        _user.CopyTo(values);
        values[4..].Clear();
        if (_liked.Count == 0) return;
        values[4] = (float)_rate;
        values[5] = (float)(LogOdds(candidate.Item) - _rate);
        values[6] = (float)_trials;
        values[7] = (float)(Log(request.State.ByItem.Totals(candidate.Item).Trials) - _trials);
        if (candidate.Entry?.Item is not { } own) return;
        for (var at = 0; at < _liked.Count; at++)
        {
            if (_liked[at].Item == candidate.Item) continue; // itself is the business of UserItemHistory
            var shared = Shared(own, _liked[at].Entry);
            values[8] = Math.Max(values[8], shared);
            values[9] += shared / _liked.Count;
            if (at == 0) values[10] = shared;
        }
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var likes = Evidence.Recents(request, recent => recent.Type.IsPositive());
        var state = request.State;
        var told = Evidence.List(_liked, _liked.Count, liked => Say($"{state.Items[liked.Item]} {LogOdds(liked.Item):0.####}, {Evidence.Totals(state.ByItem.Totals(liked.Item))}"));
        var own = candidate.Entry?.Item;
        var tags = own is null ? "no catalogue entry" : Evidence.List(_liked, _liked.Count, liked => Say($"{state.Items[liked.Item]} {Shared(own, liked.Entry):0.####}"));
        return
        [
            $"log(1 + likes of the recent list): {likes}", $"log(1 + likes of the last hour): {likes}", $"log(1 + likes of the last day): {likes}", $"log(1 + hours) since the newest like; −1 before the first: {likes}",
            $"mean rate of liked items, log-odds above everything's: {told}", Say($"the candidate's rate {LogOdds(candidate.Item):0.####} less that mean: {told}"),
            $"mean log(1 + trials) of liked items: {told}", $"the candidate's log(1 + trials) less that mean; {Evidence.Totals(state.ByItem.Totals(candidate.Item))}",
            $"greatest share of tags with a liked item: {tags}", $"mean share of tags with liked items: {tags}", $"share of tags with the newest liked item: {tags}",
        ];
    }

    private double LogOdds(int item) => Rate.LogOdds(_priors.Item(item)) - Rate.LogOdds(_priors.Overall);

    // |both| / |either| of the tags; 0 where neither has any.
    private static float Shared(Item own, Item? other)
    {
        if (other is null || own.Tags.Count == 0 || other.Tags.Count == 0) return 0;
        var both = 0;
        foreach (var tag in own.Tags) both += other.Tags.Contains(tag, StringComparer.Ordinal) ? 1 : 0;
        return (float)both / (own.Tags.Count + other.Tags.Count - both);
    }
}
