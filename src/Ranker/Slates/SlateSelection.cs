using Recs.Domain;

namespace Recs.Ranker.Slates;

/// <summary>
/// Fills the places one by one: the best ad wherever the policy lets an ad stand, otherwise the best content; an item and its ad
/// exclude each other, and what is passed over is refilled from behind. A better place in either order never loses a slot: whatever
/// lets an ad in at one position lets it in at every earlier open one.
/// </summary>
internal sealed class SlateSelection(SlatePolicy policy, Auction auction, List<ScoredCandidate> content, List<AdOffer> offers, List<Removal> removed)
{
    private readonly HashSet<ItemId> _shown = [];
    private readonly HashSet<ItemId> _promoted = [];
    private readonly Dictionary<AdvertiserId, int> _byAdvertiser = [];
    private readonly Dictionary<ItemId, int> _ofContent = content.Select((candidate, at) => (candidate, at)).ToDictionary(pair => pair.candidate.Item.Id, pair => pair.at);
    private int _nextContent, _ads, _lost;

    /// <param name="count">Places.</param>
    /// <param name="adsOnly">No content is asked for: every place is open to ads.</param>
    public List<(ScoredCandidate Candidate, AdPrice? Price)> Fill(int count, bool adsOnly)
    {
        List<(ScoredCandidate, AdPrice?)> slate = [];
        var lastAd = 0;
        for (var position = 1; position <= count; position++)
        {
            var open = adsOnly || position >= policy.FirstAdPosition && (lastAd == 0 || position - lastAd >= policy.AdSpacing);
            if (open && NextAd(count, adsOnly) is { } place)
            {
                slate.Add((place.Winner.Candidate, auction.Price(place.Winner, place.Next)));
                lastAd = position;
                Take(place.Winner);
            }
            else if (NextContent() is { } candidate)
            {
                slate.Add((candidate, null));
                _shown.Add(candidate.Item.Id);
            }
            else break;
        }
        return slate;
    }

    private (AdOffer Winner, AdOffer? Next)? NextAd(int count, bool adsOnly)
    {
        AdOffer? winner = null;
        for (var at = 0; at < offers.Count; at++)
        {
            var offer = offers[at];
            if (Excluded(offer) is { } removal)
            {
                removed.Add(removal);
                offers.RemoveAt(at--);
            }
            else if (winner is not null) return (winner, offer);
            else if (adsOnly || WithinLoad(offer, count)) winner = offer;
        }
        return winner is null ? null : (winner, null);
    }

    private Removal? Excluded(AdOffer offer) => offer switch
    {
        _ when offer.Ad.Promotes is { } promoted && _shown.Contains(promoted) => new(offer.Candidate.Item.Id, RemovalReason.ShownAsContent, $"promotes {promoted}, which is shown as content"),
        _ when offer.Ad.Promotes is { } promoted && _promoted.Contains(promoted) => new(offer.Candidate.Item.Id, RemovalReason.ShownAsAd, $"promotes {promoted}, which another ad promotes"),
        _ when _byAdvertiser.GetValueOrDefault(offer.Ad.Advertiser) >= policy.AdsPerAdvertiser =>
            new(offer.Candidate.Item.Id, RemovalReason.AdvertiserLimit, $"{offer.Ad.Advertiser} has {policy.AdsPerAdvertiser} in the slate, the limit"),
        _ => null,
    };

    // The share holds for the slate as it will be, which content may end before the count.
    private bool WithinLoad(AdOffer offer, int count)
    {
        var lost = _lost + (offer.Ad.Promotes is { } promoted && _ofContent.ContainsKey(promoted) ? 1 : 0);
        var places = Math.Min(count, content.Count - lost + _ads + 1);
        return _ads + 1 <= policy.AdShare * places + 1e-9;
    }

    private void Take(AdOffer winner)
    {
        offers.Remove(winner);
        _ads++;
        _byAdvertiser[winner.Ad.Advertiser] = _byAdvertiser.GetValueOrDefault(winner.Ad.Advertiser) + 1;
        if (winner.Ad.Promotes is not { } promoted || !_promoted.Add(promoted)) return;
        if (_ofContent.ContainsKey(promoted)) _lost++;
    }

    private ScoredCandidate? NextContent()
    {
        while (_nextContent < content.Count)
        {
            var candidate = content[_nextContent++];
            if (!_promoted.Contains(candidate.Item.Id)) return candidate;
            removed.Add(new(candidate.Item.Id, RemovalReason.ShownAsAd, "its ad is in the slate"));
        }
        return null;
    }
}
