using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Items;

/// <summary>
/// How wanted an item is: positive interactions decayed at four half-lives and in all, and the rate per impression
/// smoothed towards the rate of everything, (positives + α·prior) / (impressions + α). Owns the item and overall counters.
/// </summary>
internal sealed class ItemDemand(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("item_demand",
    [
        new("first_hours", 1, 0.1, 72, "Shortest half-life, in hours."),
        new("second_hours", 24, 0.1, 72, "Second half-life, in hours."),
        new("third_days", 7, 0.5, 120, "Third half-life, in days."),
        new("fourth_days", 30, 0.5, 120, "Longest half-life, in days."),
        new("smoothing", 20, 0.01, 1e6, "Impressions after which an item's own rate weighs as much as the rate of everything."),
    ], parameters => new ItemDemand(parameters));

    private readonly double _steady = parameters["third_days"] / parameters["fourth_days"], _smoothing = parameters["smoothing"];
    private readonly HalfLife _first = HalfLife.OfHours(parameters["first_hours"]), _second = HalfLife.OfHours(parameters["second_hours"]);
    private readonly HalfLife _third = HalfLife.OfDays(parameters["third_days"]), _fourth = HalfLife.OfDays(parameters["fourth_days"]);

    public override IReadOnlyList<string> Columns { get; } =
    [
        $"item_positives_{parameters.Hours("first_hours")}", $"item_positives_{parameters.Hours("second_hours")}",
        $"item_positives_{parameters.Days("third_days")}", $"item_positives_{parameters.Days("fourth_days")}", "item_positives_total",
        $"item_rate_{parameters.Days("third_days")}", $"item_rate_{parameters.Days("fourth_days")}", "item_rate_total", "item_trend", "item_negatives_total",
    ];

    public override void Update(Event source, RankingState state, int sign)
    {
        switch (source)
        {
            case Impression impression:
                foreach (var shown in impression.Items)
                    Add(state, state.Items.Intern(shown.Item.Value), CounterScope.Impression, source, 0, sign);
                state.Overall.Add(0, CounterScope.Impression, source.Time, 0, sign * impression.Items.Count, state.Newest);
                break;
            case Interaction interaction:
                Add(state, state.Items.Intern(interaction.Item.Value), (int)interaction.Action, source, interaction.Amount, sign);
                state.Overall.Add(0, (int)interaction.Action, source.Time, interaction.Amount, sign, state.Newest);
                break;
        }
    }

    private static void Add(RankingState state, int item, int kind, Event source, long value, int sign)
    {
        var before = state.ByItem.Totals(item);
        state.ByItem.Add(item, kind, source.Time, value, sign, state.Newest);
        state.Groups.Move(item, before, state.ByItem.Totals(item));
    }

    private double _prior;

    public override void Begin(FeatureRequest request)
    {
        var overall = request.State.Overall;
        _prior = (overall.Positives(0) + 1.0) / (overall.Impressions(0) + 10.0);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var (state, now) = (request.State, request.CountedAt);
        double hour = 0, day = 0, week = 0, month = 0;
        var counters = state.ByItem.Of(candidate.Item);
        for (var kinds = counters.Kinds & KeyCounters.Positive; kinds != 0; kinds &= kinds - 1)
        {
            var series = counters.First(kinds);
            hour += series.Decayed(now, state.Newest, _first);
            day += series.Decayed(now, state.Newest, _second);
            week += series.Decayed(now, state.Newest, _third);
            month += series.Decayed(now, state.Newest, _fourth);
        }
        var shown = counters.Find(CounterScope.Impression);
        var shownWeek = shown?.Decayed(now, state.Newest, _third) ?? 0;
        var shownMonth = shown?.Decayed(now, state.Newest, _fourth) ?? 0;
        long total = state.ByItem.Positives(candidate.Item), shownTotal = state.ByItem.Impressions(candidate.Item);

        values[0] = Log(hour);
        values[1] = Log(day);
        values[2] = Log(week);
        values[3] = Log(month);
        values[4] = Log(total);
        values[5] = Rate(week, shownWeek);
        values[6] = Rate(month, shownMonth);
        values[7] = Rate(total, shownTotal);
        // A steady item has third / fourth = the ratio of their half-lives in the limit, so 1 means steady and more means rising.
        values[8] = (float)((week + 1) / (month * _steady + 1));
        values[9] = Log(state.ByItem.Negatives(candidate.Item));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (state, item) = (request.State, candidate.Item);
        var (hours, days) = (Evidence.Hours(state.ByItem.Of(item), state, Evidence.IsPositive), Evidence.Days(state.ByItem.Of(item), state, Evidence.IsPositive));
        var shown = Evidence.Days(state.ByItem.Of(item), state, Evidence.IsImpression);
        string Decayed(string tiles, string unit, HalfLife halfLife) => Say($"log(1 + Σ count · 2^(−age / {halfLife.Seconds / halfLife.Span} {unit})) over positive {tiles}");
        string DecayedRate(HalfLife halfLife) => Say($"(p + {_smoothing} · {_prior:0.####}) / (n + {_smoothing}), p and n decayed with half-life {halfLife.Seconds / halfLife.Span} d: p from positive {days}; n from {shown}; prior {_prior:0.####} = rate of everything");
        long total = state.ByItem.Positives(item), impressions = state.ByItem.Impressions(item), negatives = state.ByItem.Negatives(item);
        return
        [
            Decayed(hours, "h", _first), Decayed(hours, "h", _second), Decayed(days, "d", _third), Decayed(days, "d", _fourth),
            Say($"log(1 + {total}), all positive interactions ever"),
            DecayedRate(_third), DecayedRate(_fourth),
            Say($"({total} + {_smoothing} · {_prior:0.####}) / ({impressions} + {_smoothing}): positives and impressions ever, prior {_prior:0.####} = rate of everything"),
            Say($"(w + 1) / (m · {_steady:0.####} + 1), w and m the positives decayed with half-lives {_third.Seconds / _third.Span} d and {_fourth.Seconds / _fourth.Span} d; 1 is steady, more is rising; {days}"),
            Say($"log(1 + {negatives}), all negative interactions ever"),
        ];
    }

    private float Rate(double positives, double impressions) => (float)((positives + _smoothing * _prior) / (impressions + _smoothing));
}
