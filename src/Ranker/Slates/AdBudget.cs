using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>What an ad's budget of the UTC day lets it pay at the moment of a request.</summary>
/// <param name="Ad">The ad.</param>
/// <param name="SpentMicros">Known to be spent on that day.</param>
/// <param name="PacedShare">What pacing multiplies the bid by, in [0, 1].</param>
internal readonly record struct AdBudget(Ad Ad, long SpentMicros, double PacedShare)
{
    /// <summary>What is left of the day's budget, at least 0.</summary>
    public long RemainingMicros => Math.Max(0, Ad.DailyBudgetMicros - SpentMicros);

    /// <summary>The most the ad can pay for one event of its kind: the paced bid, or what is left of the day's budget where that is less.</summary>
    // One impression owes a thousandth of the price; budgets are at most 10^15, so this does not overflow.
    public long MostMicros => Math.Min((long)(Ad.Bid.Micros * PacedShare), Ad.Bid.Per == BidUnit.Thousand ? RemainingMicros * 1_000 : RemainingMicros);
}
