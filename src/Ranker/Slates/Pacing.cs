using Recs.Domain;

namespace Recs.Ranker.Slates;

/// <summary>
/// Spreads a day's budget over the day by feedback: the further the spend known from the stream runs ahead of the plan, the lower the bid, down to nothing
/// at <see cref="SlatePolicy.PacingBand"/> of the budget. Proportional control with a narrow band: its only memory is the spend itself, so every replica
/// that knows the same facts bids the same, and a decision can be made again. At a day's end the plan is the whole budget, so what can be spent is.
/// </summary>
internal static class Pacing
{
    /// <summary>What to multiply a bid by, in [0, 1].</summary>
    /// <param name="policy">The band.</param>
    /// <param name="budgetMicros">Of the UTC day, above 0.</param>
    /// <param name="spentMicros">Known to be spent on that day.</param>
    /// <param name="plannedShare">What <see cref="PlannedShare"/> says of the moment of the request: the same for all ads.</param>
    public static double Multiplier(SlatePolicy policy, long budgetMicros, long spentMicros, double plannedShare)
    {
        if (policy.PacingBand <= 0 || budgetMicros <= 0) return 1;
        var ahead = spentMicros / (double)budgetMicros - plannedShare;
        return Math.Clamp(1 - ahead / policy.PacingBand, 0, 1);
    }

    /// <summary>The share of the day's budget that is planned to be spent by <paramref name="now"/>, linear within an hour.</summary>
    public static double PlannedShare(IReadOnlyList<double> curve, Timestamp now)
    {
        var hours = (now.Milliseconds - Timestamp.OfDay(now.DayIndex).Milliseconds) / 3_600_000.0;
        if (curve.Count == 0) return hours / 24;
        var (sum, before) = (0.0, 0.0);
        for (var hour = 0; hour < 24; hour++)
        {
            sum += curve[hour];
            before += curve[hour] * Math.Clamp(hours - hour, 0, 1);
        }
        return before / sum;
    }
}
