using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Users;

/// <summary>How active a user is, and how readily they act on what they see. Owns the user counters.</summary>
internal sealed class UserActivity(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_activity",
    [
        new("half_life_days", 30, 0.5, 120, "Half-life of the decayed counts, in days."),
        new("smoothing", 20, 0.01, 1e6, "Impressions after which a user's own rate weighs as much as the rate of everything."),
    ], parameters => new UserActivity(parameters));

    private readonly HalfLife _halfLife = HalfLife.OfDays(parameters["half_life_days"]);
    private readonly double _smoothing = parameters["smoothing"];
    private readonly float[] _values = new float[6];

    public override IReadOnlyList<string> Columns { get; } =
        [$"user_positives_{parameters.Days("half_life_days")}", "user_positives_total", $"user_rate_{parameters.Days("half_life_days")}", "user_rate_total", "user_days_since_last", "user_negatives_total"];

    public override void Update(Event source, RankingState state, int sign)
    {
        switch (source)
        {
            case Impression impression:
                var user = state.Users.Intern(impression.User.Value);
                if (impression.Items.Count > 0) Count(state, user, CounterScope.Impression, source.Time, 0, sign * impression.Items.Count);
                break;
            case Interaction interaction:
                Count(state, state.Users.Intern(interaction.User.Value), (int)interaction.Action, source.Time, interaction.Amount, sign);
                break;
        }
    }

    public override void Begin(FeatureRequest request)
    {
        var (state, counters, totals, now) = (request.State, request.Profile.Counters, request.State.UserTotals[request.User], request.CountedAt);
        var prior = (state.Overall.Positives(0) + 1.0) / (state.Overall.Impressions(0) + 10.0);
        var month = counters.DecayedPositives(now, state.Newest, _halfLife);
        var shownMonth = counters.Find(CounterScope.Impression)?.Decayed(now, state.Newest, _halfLife) ?? 0;
        _values[0] = Log(month);
        _values[1] = Log(totals.Positives);
        _values[2] = (float)((month + _smoothing * prior) / (shownMonth + _smoothing));
        _values[3] = (float)((totals.Positives + _smoothing * prior) / (totals.Impressions + _smoothing));
        _values[4] = request.Recents is [.., var last] ? (float)Math.Max(0, (request.Now - last.Time).TotalDays) : -1;
        _values[5] = Log(totals.Negatives);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => _values.CopyTo(values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (state, counters, totals) = (request.State, request.Profile.Counters, request.State.UserTotals[request.User]);
        var prior = (state.Overall.Positives(0) + 1.0) / (state.Overall.Impressions(0) + 10.0);
        var (positive, shown) = (Evidence.Days(counters, state, Evidence.IsPositive), Evidence.Days(counters, state, Evidence.IsImpression));
        return
        [
            Say($"log(1 + Σ count · 2^(−age / {_halfLife} d)) over positive {positive}"),
            Say($"log(1 + {totals.Positives}), all positive interactions ever"),
            Say($"(p + {_smoothing} · {prior:0.####}) / (n + {_smoothing}), p and n decayed with half-life {_halfLife} d: p from positive {positive}; n from {shown}; prior {prior:0.####} = rate of everything"),
            Say($"({totals.Positives} + {_smoothing} · {prior:0.####}) / ({totals.Impressions} + {_smoothing}): positives and impressions ever, prior {prior:0.####} = rate of everything"),
            request.Recents is [.., var last] ? $"days since {last.Time}, the newest entry of the recent list" : "−1: no recent interaction",
            Say($"log(1 + {totals.Negatives}), all negative interactions ever"),
        ];
    }

    private static void Count(RankingState state, int user, int kind, Timestamp time, long value, int sign)
    {
        state.ProfileForUpdate(user).Counters.Add(kind, time, value, sign, state.Newest);
        state.UserTotals.Count(user, kind, sign);
    }
}
