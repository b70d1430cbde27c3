using System.Globalization;
using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>
/// Made up: the shop had no advertisers. A tenth of the products, drawn with the seed, also become ads with invented
/// advertisers, bids and budgets, so that the auction, the spend report and the mixed slate have something to work on.
/// Every such name says so.
/// </summary>
internal sealed class SponsoredListings
{
    private const int Advertisers = 25;

    /// <summary>Ads drawn for an impression's auction: two are shown, the third sets the price of the second.</summary>
    private const int Bidders = 3;

    private readonly List<(Item Item, Timestamp From)> _ads = [];
    private readonly Random _random;

    /// <param name="products">By first sale.</param>
    /// <param name="random">A stream of its own, so that a change here leaves the drawn exposures as they are.</param>
    public SponsoredListings(IReadOnlyList<(Item Product, Timestamp FirstSold)> products, Random random)
    {
        _random = random;
        foreach (var (product, firstSold) in products)
        {
            if (random.Next(10) != 0) continue;
            var advertiser = random.Next(1, Advertisers + 1);
            // Log-uniform from 5 pence to 60 pence for a sale, budgets from 2 to 20 pounds a day.
            var bid = (long)(50_000 * Math.Pow(12, random.NextDouble()));
            var budget = (long)random.Next(2, 21) * 1_000_000;
            _ads.Add((product with
            {
                Id = new ItemId("ad-" + product.Id.Value),
                Attributes = new AttributeSet(product.Attributes.Append(KeyValuePair.Create("made_up", "true"))),
                Ad = new Ad(new AdvertiserId(string.Create(CultureInfo.InvariantCulture, $"made-up-advertiser-{advertiser:00}")), product.Id, new Bid(BidUnit.Conversion, bid), budget, []),
            }, firstSold));
        }
    }

    /// <summary>The ads and the moment from which each is there.</summary>
    public IReadOnlyList<(Item Item, Timestamp From)> Ads => _ads;

    /// <summary>Two ads to show beside a basket, each priced at the bid of the next: a second-price auction among three drawn at random.</summary>
    public IReadOnlyList<(Item Ad, long PriceMicros)> Auction(Timestamp now)
    {
        var there = 0;
        while (there < _ads.Count && _ads[there].From < now) there++;
        if (there < Bidders) return [];
        HashSet<int> drawn = [];
        while (drawn.Count < Bidders) drawn.Add(_random.Next(there));
        var ranked = drawn.Select(i => _ads[i].Item).OrderByDescending(ad => ad.Ad!.Bid.Micros).ThenBy(ad => ad.Id.Value, StringComparer.Ordinal).ToList();
        return [(ranked[0], ranked[1].Ad!.Bid.Micros), (ranked[1], ranked[2].Ad!.Bid.Micros)];
    }
}
