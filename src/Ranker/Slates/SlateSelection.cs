using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>One place that was filled.</summary>
/// <param name="At">Its place among the contenders.</param>
/// <param name="Price">What the auction says; null for content.</param>
/// <param name="Propensity">With what probability it stands there.</param>
internal readonly record struct FilledPlace(int At, AdPrice? Price, double Propensity);

/// <summary>
/// Fills the places one by one: the best ad wherever the policy lets an ad stand and it is worth more than what it displaces, otherwise the best content;
/// an item and its ad exclude each other, and what is passed over is refilled from behind. A better place in either order never loses a slot: whatever
/// lets an ad in at one position lets it in at every earlier open one.
/// </summary>
internal sealed class SlateSelection
{
    private readonly SlateInputs _inputs;
    private readonly SlatePolicy _policy;
    private readonly Auction _auction;
    private readonly HeadScores _scores;
    private readonly ContentOrder _content;
    private readonly List<AdOffer> _offers;
    private readonly List<Removal>? _removed;
    private readonly HashSet<int> _shown, _promoted, _ofContent;
    private readonly List<int> _new;
    private readonly Dictionary<AdvertiserId, int> _byAdvertiser = [];
    private int _ads, _lost;

    public SlateSelection(SlateInputs inputs, SlatePolicy policy, Auction auction, HeadScores scores, SlateBuffers buffers, List<Removal>? removed)
    {
        (_inputs, _policy, _auction, _scores, _offers, _removed) = (inputs, policy, auction, scores, buffers.Offers, removed);
        (_shown, _promoted, _ofContent, _new) = (buffers.Shown, buffers.Promoted, buffers.OfContent, buffers.New);
        _content = new ContentOrder(inputs, policy, scores, buffers, removed);
        foreach (ref readonly var contender in inputs.Contenders)
            if (contender.Ad is null) _ofContent.Add(contender.Subject);
    }

    /// <summary>Content that gave way, for who asked.</summary>
    public List<Displacement> Displaced { get; } = [];

    /// <summary>The places, at most <paramref name="count"/>; fewer when candidates run out.</summary>
    public List<FilledPlace> Fill(int count)
    {
        var adsOnly = !_inputs.Request.Kinds.Contains(ItemKind.Content);
        var places = new List<FilledPlace>(count);
        int lastAd = 0, toleratedBefore = int.MaxValue;
        for (var position = 1; position <= count; position++)
        {
            var open = adsOnly || position >= _policy.FirstAdPosition && (lastAd == 0 || position - lastAd >= _policy.AdSpacing);
            if (open && NextAd(places, count, adsOnly, toleratedBefore) is { } place)
            {
                places.Add(new(place.Winner.At, place.Price, 1));
                (lastAd, toleratedBefore) = (position, place.Winner.Contender.Risk);
                Take(place.Winner);
            }
            else if (_content.Next(toleratedBefore, _promoted) is { } at)
            {
                places.Add(new(at, null, 1));
                _content.Take(at);
                _shown.Add(_inputs.Contenders[at].Subject);
                toleratedBefore = int.MaxValue;
            }
            else break;
        }
        if (!adsOnly && _inputs.Request.Degradation != Degradation.Popularity) new Exploration(_inputs, _policy, _content, _new).Try(places, _promoted);
        return places;
    }

    private (AdOffer Winner, AdPrice Price)? NextAd(List<FilledPlace> places, int count, bool adsOnly, int toleratedBefore)
    {
        int? displacedAt = adsOnly ? null : _content.Next(toleratedBefore, _promoted);
        AdOffer? winner = null;
        double? displaced = null;
        for (var i = 0; i < _offers.Count; i++)
        {
            var offer = _offers[i];
            if (Excluded(offer) is { } reason)
            {
                _removed?.Add(new(offer.Contender.Id, reason, Why(reason, offer.Ad)));
                _offers.RemoveAt(i--);
            }
            else if (winner is { } first) return Priced(first, offer);
            else if (adsOnly || WithinLoad(offer, count) && IsSafe(offer, places))
            {
                // The item an ad promotes is not displaced by it: it goes because the ad stands there.
                displaced = displacedAt is { } at && _policy.UnitValue > 0 ? _scores.Values[at] : null;
                if (displaced is { } value && _auction.Worth(offer) < value) continue;
                winner = offer;
            }
        }
        return winner is { } last ? Priced(last, null) : null;

        (AdOffer, AdPrice) Priced(AdOffer chosen, AdOffer? next)
        {
            if (_inputs.Request.Explain && displacedAt is { } at) Displaced.Add(Explained(places.Count + 1, chosen, at, displaced));
            return (chosen, _auction.Price(chosen, next, displaced));
        }
    }

    private Displacement Explained(int position, AdOffer ad, int content, double? compared)
    {
        var (worth, value) = (_auction.Worth(ad), _scores.Values[content]);
        return new(position, ad.Contender.Id, _inputs.Contenders[content].Id, worth, value, compared is null
            ? "the policy gives this place to ads and does not compare them with content (ads.unit_value is 0)"
            : "an impression of the ad is worth at least as much as the content's value");
    }

    private RemovalReason? Excluded(in AdOffer offer) =>
        _shown.Contains(offer.Contender.Subject) ? RemovalReason.ShownAsContent
        : _promoted.Contains(offer.Contender.Subject) ? RemovalReason.ShownAsAd
        : _byAdvertiser.GetValueOrDefault(offer.Ad.Advertiser) >= _policy.AdsPerAdvertiser ? RemovalReason.AdvertiserLimit
        : null;

    private string Why(RemovalReason excluded, AdTerms ad) => excluded switch
    {
        RemovalReason.ShownAsContent => $"promotes {ad.Promotes}, which is shown as content",
        RemovalReason.ShownAsAd => $"promotes {ad.Promotes}, which another ad promotes",
        _ => $"{ad.Advertiser} has {_policy.AdsPerAdvertiser} in the slate, the limit",
    };

    // The share holds for the slate as it will be, which content may end before the count.
    private bool WithinLoad(AdOffer offer, int count)
    {
        var lost = _lost + (_ofContent.Contains(offer.Contender.Subject) ? 1 : 0);
        var places = Math.Min(count, _content.Count - lost + _ads + 1);
        return _ads + 1 <= _policy.AdShare * places + 1e-9;
    }

    /// <summary>Neither the content before it nor the content that would follow is riskier than the ad bears; where only riskier content is left, the ad must wait.</summary>
    private bool IsSafe(AdOffer offer, List<FilledPlace> places)
    {
        var borne = offer.Contender.Risk;
        if (places.Count > 0 && _inputs.Contenders[places[^1].At] is { Ad: null } before && before.Risk > borne) return false;
        if (borne >= 3) return true;
        // The promoted item will be out of the way.
        _promoted.Add(offer.Contender.Subject);
        var safe = _content.Next(borne, _promoted) is not null || _content.Next(int.MaxValue, _promoted) is null;
        _promoted.Remove(offer.Contender.Subject);
        return safe;
    }

    private void Take(AdOffer winner)
    {
        _offers.Remove(winner);
        _ads++;
        _byAdvertiser[winner.Ad.Advertiser] = _byAdvertiser.GetValueOrDefault(winner.Ad.Advertiser) + 1;
        if (winner.Ad.Promotes is null || !_promoted.Add(winner.Contender.Subject)) return;
        if (!_ofContent.Contains(winner.Contender.Subject)) return;
        _lost++;
        _removed?.Add(new(winner.Ad.Promotes.Value, RemovalReason.ShownAsAd, "its ad is in the slate"));
    }
}
