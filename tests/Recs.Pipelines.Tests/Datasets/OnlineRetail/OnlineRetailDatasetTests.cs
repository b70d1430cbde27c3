using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Pipelines.Datasets.OnlineRetail;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Datasets.OnlineRetail;

public sealed class OnlineRetailDatasetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Facts_EveryBasket_IsAnImpressionOfItsItemsAndOthersThenConversions(int seed)
    {
        var purchases = SmallRetail.Purchases(new Random(seed));
        var facts = OnlineRetailDataset.Facts(SmallRetail.Products(purchases), purchases, seed);
        var events = facts.Select(fact => fact.Event).ToList();
        var ads = events.OfType<ItemUpserted>().Where(item => item.Item.Ad is not null).Select(item => item.Item.Id).ToHashSet();
        var shown = events.OfType<Impression>().ToDictionary(impression => (impression.User.Value, impression.Time));
        var bought = events.OfType<Interaction>().Where(act => !ads.Contains(act.Item)).ToLookup(act => act.Request);
        var baskets = purchases.GroupBy(purchase => (purchase.Customer, purchase.Time)).ToList();
        Assert.Equal(baskets.Count, shown.Count);
        var (full, short_) = (0, 0);
        foreach (var basket in baskets)
        {
            var impression = shown[basket.Key];
            var own = basket.Select(line => line.Item).ToHashSet();
            // The naive window: sold in an earlier minute, at most sixty days before.
            var sold = purchases.Where(line => line.Time < impression.Time && line.Time >= impression.Time.Plus(TimeSpan.FromDays(-60))).Select(line => line.Item).Except(own).ToHashSet();
            var items = impression.Items.Select(place => place.Item).ToList();
            Assert.Equal(items.Count, items.Distinct().Count());
            Assert.Equal(Enumerable.Range(1, items.Count), impression.Items.Select(place => place.Position));
            var content = items.Where(item => !ads.Contains(item)).Select(item => item.Value).ToHashSet();
            Assert.Superset(own, content);
            content.ExceptWith(own);
            Assert.Subset(sold, content);
            Assert.Equal(Math.Min(50, sold.Count), content.Count);
            if (sold.Count > 50) full++;
            else short_++;

            var acts = bought[impression.Request].ToList();
            Assert.Equal(own.Order(), acts.Select(act => act.Item.Value).Order());
            Assert.All(acts, act => Assert.Equal(
                (InteractionType.Conversion, impression.User, impression.Time.Plus(TimeSpan.FromSeconds(1)), basket.Where(line => line.Item == act.Item.Value).Sum(line => line.Quantity * line.UnitPriceMicros)),
                (act.Action, act.User, act.Time, act.ValueMicros)));
        }
        Assert.True(full > 50 && short_ > 3, $"{full} baskets with more to draw from than is drawn, {short_} with less");
    }

    [Fact]
    public void Facts_All_AreValidDistinctInOrderAndKnownWhenTheyHappened()
    {
        var purchases = SmallRetail.Purchases(new Random(3));
        var facts = OnlineRetailDataset.Facts(SmallRetail.Products(purchases), purchases, 3);
        Assert.Equal(facts.Count, facts.Select(fact => fact.Event.Id).Distinct().Count());
        Assert.All(facts, fact => Assert.Equal(fact.Event.Time, fact.Known));
        Assert.Equal(facts.OrderBy(fact => fact.Known.Milliseconds).ThenBy(fact => fact.Event.Id.Value, StringComparer.Ordinal).Select(fact => fact.Event.Id), facts.Select(fact => fact.Event.Id));
        foreach (var fact in facts)
        {
            Assert.NotNull(EventCodec.Parse(EventCodec.Write(fact.Event), new Timestamp(long.MaxValue), out var rejection));
            Assert.Null(rejection);
        }
        // Whatever is shown or acted on was told of before.
        HashSet<ItemId> items = [];
        HashSet<UserId> users = [];
        foreach (var (source, _) in facts)
            switch (source)
            {
                case ItemUpserted item:
                    items.Add(item.Item.Id);
                    break;
                case UserUpserted user:
                    users.Add(user.User);
                    break;
                case Impression impression:
                    Assert.Contains(impression.User, users);
                    Assert.All(impression.Items, place => Assert.Contains(place.Item, items));
                    break;
            }
    }

    [Fact]
    public void Facts_SameSeed_AreEqualAndOtherSeedsDrawOthers()
    {
        var purchases = SmallRetail.Purchases(new Random(4));
        var products = SmallRetail.Products(purchases);
        string Text(int seed, IReadOnlyList<Purchase>? lines = null) =>
            string.Join('\n', OnlineRetailDataset.Facts(products, lines ?? purchases, seed).Select(fact => Encoding.UTF8.GetString(EventCodec.Write(fact.Event))));
        Assert.Equal(Text(7), Text(7));
        Assert.NotEqual(Text(7), Text(8));
    }

    [Fact]
    public void Facts_SponsoredListings_AreMadeUpBySaidNameAndPricedBelowTheirBids()
    {
        var purchases = SmallRetail.Purchases(new Random(5), baskets: 600, items: 400);
        var facts = OnlineRetailDataset.Facts(SmallRetail.Products(purchases), purchases, 5);
        var ads = facts.Select(fact => fact.Event).OfType<ItemUpserted>().Where(item => item.Item.Ad is not null).ToDictionary(item => item.Item.Id, item => item.Item);
        Assert.InRange(ads.Count, 15, 100);
        Assert.All(ads.Values, item =>
        {
            Assert.StartsWith("made-up-advertiser-", item.Ad!.Advertiser.Value, StringComparison.Ordinal);
            Assert.Equal("true", item.Attributes.Text("made_up"));
            Assert.Equal("ad-" + item.Ad.Promotes, item.Id.Value);
            Assert.InRange(item.Ad.Bid.Micros, 50_000, 600_000);
            Assert.InRange(item.Ad.DailyBudgetMicros, 2_000_000, 20_000_000);
        });
        var priced = 0;
        foreach (var impression in facts.Select(fact => fact.Event).OfType<Impression>())
        {
            var places = impression.Items.Where(place => ads.ContainsKey(place.Item)).ToList();
            Assert.True(places.Count is 0 or 2);
            foreach (var place in places) Assert.InRange(place.PriceMicros, 50_000, ads[place.Item].Ad!.Bid.Micros);
            // The second stands below the first, and pays no more.
            if (places.Count == 2)
            {
                Assert.True(places[0].PriceMicros >= places[1].PriceMicros && places[0].Position < places[1].Position);
                Assert.Equal(ads[places[1].Item].Ad!.Bid.Micros, places[0].PriceMicros);
                priced++;
            }
            Assert.All(impression.Items.Except(places), place => Assert.Equal(0, place.PriceMicros));
        }
        Assert.True(priced > 100);
        var acts = facts.Select(fact => fact.Event).OfType<Interaction>().Where(act => ads.ContainsKey(act.Item)).ToList();
        Assert.Equal(acts.Count(act => act.Action == InteractionType.Click), acts.Count(act => act.Action == InteractionType.Conversion));
        Assert.NotEmpty(acts);
    }

    [Fact]
    public void Read_Files_GivesTheFactsOfTheirRows()
    {
        using var folder = new Folder();
        var purchases = SmallRetail.Purchases(new Random(6));
        SmallRetail.Write(folder.Path, purchases);
        var products = SmallRetail.Products(purchases).Select(product => product with { Title = product.Title + ", \"NEW\"" }).ToList();
        Assert.Equal(purchases, OnlineRetailFiles.Purchases(folder.Path));
        Assert.Equal(products, OnlineRetailFiles.Products(folder.Path));
        Assert.Equal(OnlineRetailDataset.Facts(products, purchases, 1).Select(fact => fact.Event.Id), new OnlineRetailDataset().Read(folder.Path, 1).Select(fact => fact.Event.Id));
    }

    [Theory]
    [InlineData("no items", "items.csv")]
    [InlineData("no purchases", "purchases.parquet")]
    [InlineData("cut purchases", "purchases.parquet")]
    [InlineData("purchases of text", "purchases.parquet")]
    [InlineData("no rows", "purchases.parquet holds no rows")]
    [InlineData("few columns", "items.csv, line 2: 3 columns, expected at least 4")]
    [InlineData("odd price", "items.csv, line 2")]
    [InlineData("odd time", "items.csv, line 2")]
    [InlineData("header only", "items.csv holds no rows")]
    public void Read_BrokenFiles_AreRefusedWithTheFile(string fault, string part)
    {
        using var folder = new Folder();
        SmallRetail.Write(folder.Path, SmallRetail.Purchases(new Random(7), baskets: 20));
        var (items, purchases) = (Path.Combine(folder.Path, "items.csv"), Path.Combine(folder.Path, "purchases.parquet"));
        const string Header = "item_id,title,median_price_gbp,first_sold\n";
        switch (fault)
        {
            case "no items":
                File.Delete(items);
                break;
            case "no purchases":
                File.Delete(purchases);
                break;
            case "cut purchases":
                File.WriteAllBytes(purchases, File.ReadAllBytes(purchases)[..^100]);
                break;
            case "purchases of text":
                File.WriteAllText(purchases, "customer_id,item_id\n1,2\n");
                break;
            case "no rows":
                SmallRetail.Write(folder.Path, []);
                File.WriteAllText(items, Header + "a,A,1,2011-01-01T00:00:00Z\n");
                break;
            case "few columns":
                File.WriteAllText(items, Header + "a,A,1\n");
                break;
            case "odd price":
                File.WriteAllText(items, Header + "a,A,cheap,2011-01-01T00:00:00Z\n");
                break;
            case "odd time":
                File.WriteAllText(items, Header + "a,A,1,soon\n");
                break;
            default:
                File.WriteAllText(items, Header);
                break;
        }
        Assert.Contains(part, Assert.Throws<RefusedException>(() => new OnlineRetailDataset().Read(folder.Path, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BundledData_HasTheCountsOfTheProtocol()
    {
        var dataset = new OnlineRetailDataset();
        var folder = Path.Combine(Requirements.Root, dataset.BundledFolder);
        var purchases = OnlineRetailFiles.Purchases(folder);
        var facts = OnlineRetailDataset.Facts(OnlineRetailFiles.Products(folder), purchases, 1);
        Assert.Equal(396_258, purchases.Count);
        Assert.DoesNotContain(purchases, purchase => purchase is not { Quantity: >= 1, UnitPriceMicros: > 0 });

        var impressions = facts.Select(fact => fact.Event).OfType<Impression>().ToList();
        var protocol = dataset.Protocol([.. impressions.Select(impression => impression.Time)]);
        Assert.Equal(15_943, impressions.Count(impression => impression.Time >= protocol.Train));
        Assert.Equal(purchases.Select(line => (line.Customer, line.Time)).Distinct().Count(), impressions.Count);
        Assert.Equal(purchases.Select(line => (line.Customer, line.Time, line.Item)).Distinct().Count(),
            facts.Count(fact => fact.Event is Interaction act && !act.Item.Value.StartsWith("ad-", StringComparison.Ordinal)));
        Assert.Equal(purchases.Select(line => line.Customer).Distinct().Count(), facts.Count(fact => fact.Event is UserUpserted));
        var products = facts.Select(fact => fact.Event).OfType<ItemUpserted>().Where(item => item.Item.Ad is null).ToDictionary(item => item.Item.Id.Value, item => item.Item);
        Assert.Equal(purchases.Select(line => line.Item).Distinct().Order(StringComparer.Ordinal), products.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("White Hanging Heart T-Light Holder", products["85123A"].Title);
        // The catalogue's own columns agree with the purchases.
        foreach (var lines in purchases.GroupBy(line => line.Item)) Assert.Equal(lines.Min(line => line.Time), products[lines.Key].Created);
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("recs-retail-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
