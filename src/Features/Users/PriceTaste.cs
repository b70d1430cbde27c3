using Recs.Domain.Events;
using Recs.Features.Items;

namespace Recs.Features.Users;

/// <summary>
/// Where the candidate's price stands among the prices the user paid: log price less the mean over the recent list, and the same in
/// standard deviations. 0 without a price or without priced history.
/// </summary>
internal sealed class PriceTaste(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("price_taste",
        [new("floor", 0.25, 0.001, 10, "Added to the deviation, so that a user of one price is not all surprise; in units of log price.")], parameters => new PriceTaste(parameters));

    private readonly double _floor = parameters["floor"];
    private double _mean, _deviation;
    private int _count;

    public override IReadOnlyList<string> Columns { get; } = ["price_from_mean", "price_deviations", "user_mean_log_price"];

    public override void Begin(FeatureRequest request)
    {
        double sum = 0, squares = 0;
        _count = 0;
        foreach (ref readonly var recent in request.Recents)
        {
            if (!recent.Type.IsPositive() || request.State.Catalogue.Find(recent.Item)?.Price is not { } price) continue;
            var log = Math.Log(price);
            sum += log;
            squares += log * log;
            _count++;
        }
        _mean = _count == 0 ? 0 : sum / _count;
        _deviation = _count == 0 ? 0 : Math.Sqrt(Math.Max(0, squares / _count - _mean * _mean));
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values[2] = _count == 0 ? ItemPrice.Missing : (float)_mean;
        if (_count == 0 || candidate.Entry?.Price is not { } price)
        {
            values[0] = values[1] = 0;
            return;
        }
        var distance = Math.Log(price) - _mean;
        values[0] = (float)distance;
        values[1] = (float)(distance / (_deviation + _floor));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var paid = Say($"mean {_mean:0.####} and deviation {_deviation:0.####} of the log prices of {_count} recent likes");
        var own = candidate.Entry?.Price;
        string From(string what) => _count == 0 ? "0: no priced like" : own is { } price ? Say($"log {price} less the mean{what}: {paid}") : "0: no price";
        return [From(""), From(Say($", over the deviation + {_floor}")), _count == 0 ? Say($"{ItemPrice.Missing}: no priced like") : paid];
    }
}
