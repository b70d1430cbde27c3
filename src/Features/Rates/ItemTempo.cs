using Recs.Features.Counting;
using Recs.Features.Explaining;

namespace Recs.Features.Rates;

/// <summary>
/// How the item does lately: at three half-lives (7, 30 and 120 d unless told otherwise) its decayed rate in log-odds above its all-time rate, drawn towards that rate, and its decayed trials.
/// </summary>
internal sealed class ItemTempo(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("item_tempo",
    [
        new("first_days", 7, 0.5, 120, "Shortest half-life, in days."),
        new("second_days", 30, 0.5, 120, "Second half-life, in days."),
        new("third_days", 120, 0.5, 120, "Longest half-life, in days; day tiles reach back 128 days."),
        new("smoothing", 10, 0.01, 1e6, "Decayed trials that weigh as much as the all-time rate."),
    ], parameters => new ItemTempo(parameters));

    private readonly HalfLife[] _spans = [HalfLife.OfDays(parameters["first_days"]), HalfLife.OfDays(parameters["second_days"]), HalfLife.OfDays(parameters["third_days"])];
    private readonly double _smoothing = parameters["smoothing"];
    private Priors _priors;

    public override IReadOnlyList<string> Columns { get; } = [.. new[] { "first_days", "second_days", "third_days" }.SelectMany(name =>
        new[] { $"item_tempo_{parameters.Days(name)}", $"item_trials_{parameters.Days(name)}" })];

    public override void Begin(FeatureRequest request) => _priors = new(request.State, 20);

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var rate = _priors.Item(candidate.Item);
        for (var at = 0; at < _spans.Length; at++)
        {
            var (positives, trials) = request.State.ByItem.Decayed(candidate.Item, request.CountedAt, request.State.Newest, _spans[at]);
            values[2 * at] = (float)(Rate.LogOdds(Rate.Smooth(positives, trials, rate, _smoothing)) - Rate.LogOdds(rate));
            values[2 * at + 1] = Log(trials);
        }
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var (state, rate) = (request.State, _priors.Item(candidate.Item));
        var (positive, shown) = (Evidence.Days(state.ByItem.Of(candidate.Item), state, Evidence.IsPositive), Evidence.Days(state.ByItem.Of(candidate.Item), state, Evidence.IsImpression));
        return [.. _spans.Select(span => span.Seconds / span.Span).SelectMany(days => new[]
        {
            Say($"log-odds of (p + {_smoothing} · r) / (n + {_smoothing}) above those of r = {rate:0.####}, the all-time rate; p and n decayed with half-life {days} d: positive {positive}; {shown}"),
            Say($"log(1 + n), trials decayed with half-life {days} d: {shown}, or reactions where they are more"),
        })];
    }
}
