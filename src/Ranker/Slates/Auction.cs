using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>An ad in the auction.</summary>
/// <param name="At">Its place among the request's contenders.</param>
/// <param name="Contender">The ad.</param>
/// <param name="EcpmPerMicro">Expected billed events of a thousand impressions: eCPM = this × price.</param>
/// <param name="Quality">What the policy multiplies eCPM by, above 0.</param>
/// <param name="Value">Its own value to the user, Σ weight × probability.</param>
internal readonly record struct AdOffer(int At, Contender Contender, double EcpmPerMicro, double Quality, double Value)
{
    public AdTerms Ad => Contender.Ad!;

    /// <summary>Expected revenue of a thousand impressions at the most it can pay, in millionths of the currency.</summary>
    public double EcpmMicros => EcpmPerMicro * Ad.MostMicros;

    /// <summary>What the auction orders by.</summary>
    public double Rank => EcpmMicros * Quality;
}

/// <summary>
/// The order of the ads and the price of a place: generalized second price (Edelman, Ostrovsky and Schwarz, 2007) over eCPM × quality, with each ad's
/// calibrated probability of the billed event.
/// </summary>
internal sealed class Auction(SlatePolicy policy)
{
    private const double LeastQuality = 0.05, MostQuality = 20;

    /// <summary>Offers by rank, highest first, ties by id; what bids for something no head predicts or is below the reserve is removed.</summary>
    /// <param name="inputs">The contenders.</param>
    /// <param name="scores">What is expected of them.</param>
    /// <param name="offers">Takes the offers; empty.</param>
    /// <param name="removed">Takes what was removed; null where nobody asks.</param>
    public void Order(SlateInputs inputs, HeadScores scores, List<AdOffer> offers, List<Removal>? removed)
    {
        for (var at = 0; at < inputs.Contenders.Length; at++)
        {
            ref readonly var contender = ref inputs.Contenders[at];
            if (contender.Ad is not { } ad) continue;
            if (BilledEvents(contender, scores) is not { } billed)
            {
                removed?.Add(new(contender.Id, RemovalReason.BidNotPredicted, $"bids per {ad.Per.ToString().ToLowerInvariant()}, which nothing predicts"));
                continue;
            }
            var offer = new AdOffer(at, contender, billed, Quality(contender, scores), scores.Values[at]);
            if (ad.MostMicros > 0 && offer.EcpmMicros >= policy.ReserveEcpmMicros) offers.Add(offer);
            else removed?.Add(new(contender.Id, RemovalReason.BelowReserve, $"eCPM {(long)offer.EcpmMicros} micros, reserve {policy.ReserveEcpmMicros}"));
        }
        offers.Sort((a, b) => a.Rank != b.Rank ? b.Rank.CompareTo(a.Rank) : string.CompareOrdinal(a.Contender.Id.Value, b.Contender.Id.Value));
    }

    /// <summary>The least that keeps the place before <paramref name="next"/> and in place of <paramref name="displaced"/>, rounded up, at least the reserve, at most what the ad can pay.</summary>
    /// <param name="winner">Who gets the place.</param>
    /// <param name="next">Who would get it otherwise; null where nobody would.</param>
    /// <param name="displaced">The value of the content that would stand there, where ads are compared with content; null otherwise.</param>
    public AdPrice Price(AdOffer winner, AdOffer? next, double? displaced)
    {
        var floor = Math.Max(policy.ReserveEcpmMicros, (next?.Rank ?? 0) / winner.Quality);
        if (displaced is { } value) floor = Math.Max(floor, (value - winner.Value) / policy.UnitValue * 1e9);
        var least = Math.Ceiling(floor / winner.EcpmPerMicro);
        return new(winner.Ad.Advertiser, (long)winner.EcpmMicros, least >= winner.Ad.MostMicros ? winner.Ad.MostMicros : (long)least);
    }

    /// <summary>What showing the ad once is worth, in values of content: its expected revenue at the most it can pay, and its own value.</summary>
    public double Worth(AdOffer offer) => offer.EcpmMicros / 1e9 * policy.UnitValue + offer.Value;

    private static double? BilledEvents(in Contender contender, HeadScores scores) => contender.Ad!.Per switch
    {
        BidUnit.Thousand => 1,
        BidUnit.Click => 1_000.0 * scores.Probability(contender.Subject, InteractionType.Click),
        _ => 1_000.0 * scores.Probability(contender.Subject, InteractionType.Conversion),
    };

    private double Quality(in Contender contender, HeadScores scores)
    {
        var quality = 1.0;
        foreach (var (action, weight) in policy.AdQuality) quality += weight * (scores.Probability(contender.Subject, action) ?? 0);
        return Math.Clamp(quality, LeastQuality, MostQuality);
    }
}
