using Recs.Features.Counting;
using Recs.Features.Explaining;

namespace Recs.Features.Rates;

/// <summary>
/// How readily the item is liked and the user likes: all-time rates with learned priors, as log-odds above those of everything, their sum, the rate of the item's
/// groups (category, author, tags) alone, the item's without them, and how often each was tried. The sum is what a model of two main effects would say.
/// </summary>
internal sealed class LearnedRates(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("learned_rates",
        [new("smoothing", 20, 0.01, 1e6, "Strength of a prior before the log tells of any.")], parameters => new LearnedRates(parameters));

    private readonly double _unknown = parameters["smoothing"];
    private Priors _priors;
    private double _overall, _user;
    private float _userTrials;

    public override IReadOnlyList<string> Columns { get; } = ["rate_item", "rate_user", "rate_sum", "rate_groups", "rate_item_alone", "trials_item", "trials_user"];

    public override void Begin(FeatureRequest request)
    {
        _priors = new(request.State, _unknown);
        _overall = Rate.LogOdds(_priors.Overall);
        _user = Rate.LogOdds(_priors.User(request.User)) - _overall;
        _userTrials = Log(request.State.UserTotals[request.User].Trials);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var totals = request.State.ByItem.Totals(candidate.Item);
        var groups = _priors.Groups(candidate.Item);
        var item = Rate.LogOdds(_priors.Item(totals, groups)) - _overall;
        values[0] = (float)item;
        values[1] = (float)_user;
        values[2] = (float)(item + _user + _overall);
        values[3] = (float)(Rate.LogOdds(groups) - _overall);
        values[4] = (float)(Rate.LogOdds(_priors.Item(totals, _priors.Overall)) - _overall);
        values[5] = Log(totals.Trials);
        values[6] = _userTrials;
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (item, user) = (request.State.ByItem.Totals(candidate.Item), request.State.UserTotals[request.User]);
        var groups = _priors.Groups(candidate.Item);
        var (strength, userStrength, overall) = (_priors.ItemStrength, _priors.UserStrength, _priors.Overall);
        var members = request.State.Groups.Of(candidate.Item).ToArray();
        var told = Evidence.List(members, members.Length, group => Say($"{request.State.Groups.Name(group)} {_priors.Group(group):0.####}"));
        string Smoothed(in KeyTotals totals, double weight, double prior) => Say($"({totals.Positives} + {weight:0.##} · {prior:0.####}) / ({totals.Trials} + {weight:0.##})");
        return
        [
            Say($"log-odds of {Smoothed(item, strength, groups)} above those of {overall:0.####}, everything's rate; prior {groups:0.####} = mean rate of its groups ({told}), weight {strength:0.##} learnt from how items scatter"),
            Say($"log-odds of {Smoothed(user, userStrength, overall)} above those of {overall:0.####}; weight {userStrength:0.##} learnt from how users scatter"),
            Say($"rate_item + rate_user + log-odds of {overall:0.####}"),
            Say($"log-odds of {groups:0.####} above those of {overall:0.####}: {told}"),
            Say($"log-odds of {Smoothed(item, strength, overall)} above those of {overall:0.####}: without its groups"),
            $"log(1 + trials): {Evidence.Totals(item)}", $"log(1 + trials): {Evidence.Totals(user)}",
        ];
    }
}
