using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Rates;

/// <summary>
/// What mood the user is in: at three half-lives (1 h, 1 d and 30 d unless told otherwise) their decayed rate in log-odds above their all-time rate, drawn towards that
/// rate, and their decayed trials.
/// </summary>
internal sealed class UserTempo(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_tempo",
    [
        new("first_hours", 1, 0.1, 72, "Shortest half-life, in hours."),
        new("second_hours", 24, 0.1, 72, "Second half-life, in hours."),
        new("third_days", 30, 0.5, 120, "Longest half-life, in days."),
        new("smoothing", 5, 0.01, 1e6, "Decayed trials that weigh as much as the all-time rate."),
    ], parameters => new UserTempo(parameters));

    private readonly HalfLife _first = HalfLife.OfHours(parameters["first_hours"]), _second = HalfLife.OfHours(parameters["second_hours"]), _third = HalfLife.OfDays(parameters["third_days"]);
    private readonly double _smoothing = parameters["smoothing"];
    private readonly float[] _values = new float[6];

    public override IReadOnlyList<string> Columns { get; } = [.. new[] { parameters.Hours("first_hours"), parameters.Hours("second_hours"), parameters.Days("third_days") }.SelectMany(span =>
        new[] { $"user_tempo_{span}", $"user_trials_{span}" })];

    public override void Begin(FeatureRequest request)
    {
        var (state, counters, now) = (request.State, request.Profile.Counters, request.CountedAt);
        var rate = new Priors(state, 20).User(request.User);
        Set(0, counters.Decayed(now, state.Newest, _first), rate);
        Set(1, counters.Decayed(now, state.Newest, _second), rate);
        Set(2, counters.Decayed(now, state.Newest, _third), rate);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => _values.CopyTo(values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (state, counters) = (request.State, request.Profile.Counters);
        var rate = new Priors(state, 20).User(request.User);
        string[] Pair(string halfLife, Func<KeyCounters, RankingState, Func<int, bool>, string> read) =>
        [
            Say($"log-odds of (p + {_smoothing} · r) / (n + {_smoothing}) above those of r = {rate:0.####}, the user's all-time rate; p and n decayed with half-life {halfLife}: positive {read(counters, state, Evidence.IsPositive)}"),
            $"log(1 + n), trials decayed with half-life {halfLife}: {read(counters, state, Evidence.IsImpression)}, or reactions where they are more",
        ];
        return [.. Pair(Say($"{_first} h"), Evidence.Hours), .. Pair(Say($"{_second} h"), Evidence.Hours), .. Pair(Say($"{_third} d"), Evidence.Days)];
    }

    private void Set(int at, (double Positives, double Trials) decayed, double rate)
    {
        _values[2 * at] = (float)(Rate.LogOdds(Rate.Smooth(decayed.Positives, decayed.Trials, rate, _smoothing)) - Rate.LogOdds(rate));
        _values[2 * at + 1] = Log(decayed.Trials);
    }
}
