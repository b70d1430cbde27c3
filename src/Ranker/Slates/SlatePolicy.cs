using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Ranker.Slates;

/// <summary>What an operator decides about slates. Immutable.</summary>
public sealed record SlatePolicy
{
    /// <summary>Worth of each action: value = Σ weight × probability. Range −100 to 100 each; default: 1 for the model's first head. Actions without a head add nothing.</summary>
    public IReadOnlyDictionary<InteractionType, double> Weights { get; init; } = new Dictionary<InteractionType, double>();

    /// <summary>Ads in a mixed slate, as a share of its places, rounded down. Range 0 to 1, default 0.2: one in five.</summary>
    public double AdShare { get; init; } = 0.2;

    /// <summary>The first position an ad may take in a mixed slate. Range 1 to 200, default 3.</summary>
    public int FirstAdPosition { get; init; } = 3;

    /// <summary>Positions from one ad to the next in a mixed slate, at least. Range 1 to 200, default 4.</summary>
    public int AdSpacing { get; init; } = 4;

    /// <summary>Ads of one advertiser in a slate, at most. Range 1 to 200, default 1.</summary>
    public int AdsPerAdvertiser { get; init; } = 1;

    /// <summary>The least expected revenue of a thousand impressions for which an ad is shown, in millionths of the currency. Range 0 to 10^15, default 100,000: a tenth of a unit.</summary>
    public long ReserveEcpmMicros { get; init; } = 100_000;

    /// <summary>Content candidates the ranker finds by itself, at most. Range 1 to 10,000, default 500.</summary>
    public int ContentCandidates { get; init; } = 500;

    /// <summary>Ads the ranker considers by itself, the highest bids first. Range 0 to 10,000, default 1,000.</summary>
    public int AdCandidates { get; init; } = 1_000;

    /// <summary>
    /// Days without any positive interaction after which an item that is not new is no longer found as a candidate, nor an ad that promotes it.
    /// Nobody shows what nobody takes, so a model learns nothing about such items. Range 1 to 127, default 60. Candidates named by the request are not touched.
    /// </summary>
    public int StaleDays { get; init; } = 60;

    /// <summary>16 hex digits over all values: equal policies have equal versions.</summary>
    public string Version => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text())))[..16];

    /// <exception cref="RefusedException">A value is out of its range.</exception>
    internal void Validate()
    {
        foreach (var (action, weight) in Weights) Within(weight, -100, 100, $"{nameof(Weights)} of {ActionNames.Of(action)}");
        Within(AdShare, 0, 1, nameof(AdShare));
        Within(FirstAdPosition, 1, 200, nameof(FirstAdPosition));
        Within(AdSpacing, 1, 200, nameof(AdSpacing));
        Within(AdsPerAdvertiser, 1, 200, nameof(AdsPerAdvertiser));
        Within(ReserveEcpmMicros, 0, EventLimits.Micros, nameof(ReserveEcpmMicros));
        Within(ContentCandidates, 1, 10_000, nameof(ContentCandidates));
        Within(StaleDays, 1, 127, nameof(StaleDays));
        Within(AdCandidates, 0, 10_000, nameof(AdCandidates));
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture,
        $"recs-policy-1 {AdShare:R} {FirstAdPosition} {AdSpacing} {AdsPerAdvertiser} {ReserveEcpmMicros} {ContentCandidates} {AdCandidates} {StaleDays}")
        + string.Concat(Weights.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $" {ActionNames.Of(pair.Key)}={pair.Value:R}")));

    private static void Within(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most)) throw new RefusedException($"slate policy: {name} is {value}, range {least} to {most}");
    }
}
