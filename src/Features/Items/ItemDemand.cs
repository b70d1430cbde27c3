using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Items;

/// <summary>
/// How wanted an item is: positive interactions decayed at four half-lives and in all, and the rate per impression
/// smoothed towards the rate of everything, (positives + α·prior) / (impressions + α). Owns the item and overall counters.
/// </summary>
internal sealed class ItemDemand : Feature
{
    /// <summary>α: an item speaks as loudly as the prior after this many impressions.</summary>
    private const double Smoothing = 20;

    public override IReadOnlyList<string> Columns { get; } =
    [
        "item_positives_1h", "item_positives_1d", "item_positives_7d", "item_positives_30d", "item_positives_total",
        "item_rate_7d", "item_rate_30d", "item_rate_total", "item_trend", "item_negatives_total",
    ];

    public override void Update(Event source, RankingState state, int sign)
    {
        switch (source)
        {
            case Impression impression:
                foreach (var shown in impression.Items)
                    state.ByItem.Add(state.Items.Intern(shown.Item.Value), CounterScope.Impression, source.Time, 0, sign, state.Newest);
                state.Overall.Add(0, CounterScope.Impression, source.Time, 0, sign * impression.Items.Count, state.Newest);
                break;
            case Interaction interaction:
                state.ByItem.Add(state.Items.Intern(interaction.Item.Value), (int)interaction.Action, source.Time, interaction.Amount, sign, state.Newest);
                state.Overall.Add(0, (int)interaction.Action, source.Time, interaction.Amount, sign, state.Newest);
                break;
        }
    }

    private double _prior;

    public override void Begin(FeatureRequest request)
    {
        var overall = request.State.Overall;
        _prior = (overall.Positives(0) + 1.0) / (overall.Impressions(0) + 10.0);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var (state, now) = (request.State, request.Now);
        double hour = 0, day = 0, week = 0, month = 0;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
        {
            if (!((InteractionType)kind).IsPositive() || state.ByItem.Find(candidate.Item, kind) is not { } series) continue;
            hour += series.DecayedByHour(now, state.Newest, halfLifeHours: 1);
            day += series.DecayedByHour(now, state.Newest, halfLifeHours: 24);
            week += series.DecayedByDay(now, state.Newest, halfLifeDays: 7);
            month += series.DecayedByDay(now, state.Newest, halfLifeDays: 30);
        }
        var shown = state.ByItem.Find(candidate.Item, CounterScope.Impression);
        var shownWeek = shown?.DecayedByDay(now, state.Newest, halfLifeDays: 7) ?? 0;
        var shownMonth = shown?.DecayedByDay(now, state.Newest, halfLifeDays: 30) ?? 0;
        long total = state.ByItem.Positives(candidate.Item), shownTotal = state.ByItem.Impressions(candidate.Item);

        values[0] = Log(hour);
        values[1] = Log(day);
        values[2] = Log(week);
        values[3] = Log(month);
        values[4] = Log(total);
        values[5] = Rate(week, shownWeek);
        values[6] = Rate(month, shownMonth);
        values[7] = Rate(total, shownTotal);
        // A steady item has week / month = 7 / 30 in the limit, so 1 means steady and more means rising.
        values[8] = (float)((week + 1) / (month * (7.0 / 30) + 1));
        values[9] = Log(state.ByItem.Negatives(candidate.Item));
    }

    private float Rate(double positives, double impressions) => (float)((positives + Smoothing * _prior) / (impressions + Smoothing));
}
