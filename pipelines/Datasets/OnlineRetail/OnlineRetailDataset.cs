using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>
/// A year of a gift shop's real purchases. D. Chen (2015), Online Retail, UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0.
/// </summary>
internal sealed class OnlineRetailDataset : Dataset
{
    public override string Name => "online-retail";

    public override string Provenance =>
        "the purchases are real; what was shown beside them is drawn (seeded), for the shop logged no exposures; the sponsored listings are made up";

    public override string BundledFolder => "data/online-retail";

    public override string Template => "{title}";

    public override InteractionType Action => InteractionType.Conversion;

    public override string Did => "bought";

    public override IReadOnlyList<Fact> Read(string folder, int seed) =>
        Facts(OnlineRetailFiles.Products(folder), OnlineRetailFiles.Purchases(folder), seed);

    /// <summary>The events of given rows.</summary>
    public static IReadOnlyList<Fact> Facts(IReadOnlyList<Product> products, IReadOnlyList<Purchase> purchases, int seed)
    {
        List<Fact> facts = [];
        // History was known when it happened.
        void Add(Event told) => facts.Add(new(told, told.Time));

        // An item is listed a minute before it first sells: the catalogue is known before the first exposure.
        static Timestamp Listed(Timestamp firstSold) => firstSold.Plus(TimeSpan.FromMinutes(-1));

        var items = products.OrderBy(product => product.FirstSold).ThenBy(product => product.Item, StringComparer.Ordinal)
            .Select(product => (Product: new Item
            {
                Id = new ItemId(product.Item),
                Title = TitleCase.Of(product.Title),
                Attributes = new AttributeSet([KeyValuePair.Create("price_gbp", product.MedianPrice.ToString("0.###", CultureInfo.InvariantCulture))]),
                Created = product.FirstSold,
            }, product.FirstSold)).ToList();
        foreach (var (item, firstSold) in items) Add(new ItemUpserted(new EventId("or-item-" + item.Id), Listed(firstSold), item));

        var sponsored = new SponsoredListings(items, new Random(seed + 1));
        foreach (var (ad, from) in sponsored.Ads) Add(new ItemUpserted(new EventId("or-item-" + ad.Id), Listed(from), ad));

        foreach (var customer in purchases.GroupBy(purchase => purchase.Customer))
        {
            var first = customer.MinBy(purchase => purchase.Time);
            Add(new UserUpserted(new EventId("or-user-" + customer.Key), Listed(first.Time), new UserId(customer.Key),
                new AttributeSet([KeyValuePair.Create("country", first.Country)])));
        }
        foreach (var told in new BasketImpressions(sponsored, new Random(seed)).Tell(purchases)) Add(told);
        return InOrder(facts);
    }

    public override Protocol Protocol(IReadOnlyList<Timestamp> impressions) => new(
        Train: Day(2011, 2, 1), Valid: Day(2011, 10, 1), Test: Day(2011, 11, 1),
        "train 2011-02 to 2011-09 (earlier baskets warm the counters up), validation October, test from November on; each basket against 50 items drawn from those sold in the 60 days before",
        ByUser: false);

    private static Timestamp Day(int year, int month, int day) => Timestamp.From(new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero));
}
