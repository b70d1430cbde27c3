using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Rates;

/// <summary>
/// Rates with learned priors, from the general to the particular: everything → category, author and tags → item, and everything → user. How much a
/// prior weighs is estimated from how the rates of its scope scatter (<see cref="RateSpread"/>).
/// </summary>
internal readonly struct Priors
{
    private const double Least = 1, Most = 1_000;

    private readonly RankingState _state;

    /// <param name="state">What is read.</param>
    /// <param name="unknown">Strength where nothing has been tried twice yet.</param>
    public Priors(RankingState state, double unknown)
    {
        _state = state;
        var all = state.Overall.Totals(0);
        Overall = Rate.Smooth(all.Positives, all.Trials, 0.5, 2);
        ItemStrength = state.ByItem.Spread.Strength(Least, Most, unknown);
        UserStrength = state.UserTotals.Spread.Strength(Least, Most, unknown);
    }

    /// <summary>Rate of everything.</summary>
    public double Overall { get; }

    /// <summary>Strength of an item's prior, in trials.</summary>
    public double ItemStrength { get; }

    /// <summary>Strength of a user's prior, in trials.</summary>
    public double UserStrength { get; }

    /// <summary>Rate of a group's members, drawn towards that of everything.</summary>
    public double Group(int group)
    {
        var (positives, trials) = _state.Groups.Totals(group);
        return Rate.Smooth(positives, trials, Overall, ItemStrength);
    }

    /// <summary>What is believed of an item by its groups alone: their mean rate.</summary>
    public double Groups(int item)
    {
        var groups = _state.Groups.Of(item);
        if (groups.IsEmpty) return Overall;
        var sum = 0.0;
        foreach (var group in groups) sum += Group(group);
        return sum / groups.Length;
    }

    /// <summary>Rate of an item.</summary>
    public double Item(int item) => Item(_state.ByItem.Totals(item), Groups(item));

    /// <summary>Rate of an item, its groups' rate being known.</summary>
    public double Item(in KeyTotals totals, double groups) => Rate.Smooth(totals.Positives, totals.Trials, groups, ItemStrength);

    /// <summary>Rate of a user.</summary>
    public double User(int user)
    {
        var totals = _state.UserTotals[user];
        return Rate.Smooth(totals.Positives, totals.Trials, Overall, UserStrength);
    }
}
