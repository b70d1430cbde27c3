using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>An ad in the auction.</summary>
/// <param name="Candidate">The ad.</param>
/// <param name="Ad">Its offer.</param>
/// <param name="MostMicros">The most it can pay for one event: the bid, or what is left of the day's budget where that is less.</param>
/// <param name="EcpmPerMicro">Expected billed events of a thousand impressions: eCPM = this × price.</param>
internal sealed record AdOffer(ScoredCandidate Candidate, Ad Ad, long MostMicros, double EcpmPerMicro)
{
    /// <summary>Expected revenue of a thousand impressions at the most it can pay, in millionths of the currency.</summary>
    public double EcpmMicros => EcpmPerMicro * MostMicros;
}

/// <summary>
/// The order of the ads and the price of a place: generalized second price (Edelman, Ostrovsky and Schwarz, 2007), with each ad's
/// calibrated probability as its quality.
/// </summary>
internal sealed class Auction(RankerModel model, SpendLedger spend, SlatePolicy policy)
{
    /// <summary>Offers by eCPM, highest first, ties by id; what is below the reserve is removed.</summary>
    public List<AdOffer> Order(IEnumerable<ScoredCandidate> ads, Timestamp now, List<Removal> removed)
    {
        List<AdOffer> offers = [];
        foreach (var candidate in ads)
        {
            var offer = Offer(candidate, candidate.Item.Ad!, now);
            if (offer.MostMicros > 0 && offer.EcpmMicros >= policy.ReserveEcpmMicros) offers.Add(offer);
            else removed.Add(new(candidate.Item.Id, RemovalReason.BelowReserve, $"eCPM {(long)offer.EcpmMicros} micros, reserve {policy.ReserveEcpmMicros}"));
        }
        offers.Sort((a, b) => a.EcpmMicros != b.EcpmMicros ? b.EcpmMicros.CompareTo(a.EcpmMicros)
            : string.CompareOrdinal(a.Candidate.Item.Id.Value, b.Candidate.Item.Id.Value));
        return offers;
    }

    /// <summary>The least that keeps the place before <paramref name="next"/>, rounded up, at least the reserve, at most what the ad can pay.</summary>
    public AdPrice Price(AdOffer winner, AdOffer? next)
    {
        var least = Math.Ceiling(Math.Max(policy.ReserveEcpmMicros, next?.EcpmMicros ?? 0) / winner.EcpmPerMicro);
        return new(winner.Ad.Advertiser, (long)winner.EcpmMicros, least >= winner.MostMicros ? winner.MostMicros : (long)least);
    }

    private AdOffer Offer(ScoredCandidate candidate, Ad ad, Timestamp now)
    {
        var remaining = CandidateFilters.Remaining(spend, candidate.Item, ad, now);
        return ad.Bid.Per switch
        {
            // One impression owes a thousandth of the price; budgets are at most 10^15, so this does not overflow.
            BidUnit.Thousand => new(candidate, ad, Math.Min(ad.Bid.Micros, remaining * 1_000), 1),
            BidUnit.Click => new(candidate, ad, Math.Min(ad.Bid.Micros, remaining), 1_000.0 * Probability(candidate, InteractionType.Click)),
            _ => new(candidate, ad, Math.Min(ad.Bid.Micros, remaining), 1_000.0 * Probability(candidate, InteractionType.Conversion)),
        };
    }

    private float Probability(ScoredCandidate candidate, InteractionType action)
    {
        for (var head = 0; head < model.Heads.Count; head++)
            if (model.Heads[head].Action == action) return candidate.Probabilities[head];
        throw new InvalidOperationException($"the filters keep no ad that bids for {action} without a head");
    }
}
