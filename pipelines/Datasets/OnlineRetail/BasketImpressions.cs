using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>
/// Purchases told as impressions and conversions. The purchases are real. What was shown is drawn, for the shop logged no
/// exposures: a basket's items and 50 others, uniformly and without replacement from the items sold in the 60 days before it.
/// Their order is shuffled, so a position says nothing about the purchase.
/// </summary>
internal sealed class BasketImpressions
{
    public const int Others = 50;
    private static readonly TimeSpan Window = TimeSpan.FromDays(60);

    private readonly SponsoredListings _sponsored;
    private readonly Random _random;
    private readonly Dictionary<string, Timestamp> _lastSold = new(StringComparer.Ordinal);
    private readonly List<string> _everSold = [];

    public BasketImpressions(SponsoredListings sponsored, Random random)
    {
        _sponsored = sponsored;
        _random = random;
    }

    /// <summary>The events of all baskets.</summary>
    public IEnumerable<Event> Tell(IEnumerable<Purchase> purchases)
    {
        var number = 0;
        foreach (var minute in purchases.GroupBy(purchase => purchase.Time).OrderBy(group => group.Key))
        {
            var baskets = minute.GroupBy(purchase => purchase.Customer).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
            foreach (var basket in baskets)
                foreach (var told in TellBasket(++number, minute.Key, basket.Key, basket))
                    yield return told;
            // Baskets of one minute do not see each other's sales.
            foreach (var purchase in minute)
            {
                if (!_lastSold.ContainsKey(purchase.Item)) _everSold.Add(purchase.Item);
                _lastSold[purchase.Item] = minute.Key;
            }
        }
    }

    private IEnumerable<Event> TellBasket(int number, Timestamp time, string customer, IEnumerable<Purchase> basket)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"or-{number:00000}");
        var request = new RequestId(id);
        var user = new UserId(customer);
        var bought = basket.GroupBy(purchase => purchase.Item)
            .ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Quantity * line.UnitPriceMicros), StringComparer.Ordinal);
        var ads = _sponsored.Auction(time);
        yield return new Impression(new EventId(id + "-shown"), time, request, user, "home", Shown(time, bought, ads));

        // The purchase is a second after the exposure, so that what is known at the exposure ends before it.
        var sold = time.Plus(TimeSpan.FromSeconds(1));
        foreach (var (item, value) in bought)
            yield return new Interaction(new EventId($"{id}-{item}"), sold, request, user, new ItemId(item), InteractionType.Conversion, value, 0);
        foreach (var (ad, _) in ads)
        {
            if (!bought.TryGetValue(ad.Ad!.Promotes!.Value.Value, out var value)) continue;
            yield return new Interaction(new EventId($"{id}-{ad.Id}-click"), sold, request, user, ad.Id, InteractionType.Click, 0, 0);
            yield return new Interaction(new EventId($"{id}-{ad.Id}"), sold, request, user, ad.Id, InteractionType.Conversion, value, 0);
        }
    }

    private ShownItem[] Shown(Timestamp time, Dictionary<string, long> bought, IReadOnlyList<(Item Ad, long PriceMicros)> ads)
    {
        var since = time.Plus(-Window);
        var pool = _everSold.Where(item => _lastSold[item] >= since && !bought.ContainsKey(item)).ToList();
        List<string> items = [.. bought.Keys];
        for (var drawn = 0; drawn < Others && pool.Count > 0; drawn++)
        {
            var at = _random.Next(pool.Count);
            items.Add(pool[at]);
            pool[at] = pool[^1];
            pool.RemoveAt(pool.Count - 1);
        }
        var shuffled = items.ToArray();
        _random.Shuffle(shuffled);

        List<(string Item, long Price)> places = [.. shuffled.Select(item => (item, 0L))];
        // Ads stand at the third and the eighth place, as far as the list goes.
        for (var i = 0; i < ads.Count; i++) places.Insert(Math.Min(places.Count, i == 0 ? 2 : 7), (ads[i].Ad.Id.Value, ads[i].PriceMicros));
        return [.. places.Select((place, i) => new ShownItem(new ItemId(place.Item), i + 1, null, place.Price))];
    }
}
