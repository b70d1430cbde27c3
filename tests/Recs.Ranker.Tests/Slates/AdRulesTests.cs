using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

/// <summary>The rules of ads: flights, targeting, caps, pacing, quality, comparison with content, brand safety.</summary>
public sealed class AdRulesTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 15)];

    private static readonly ItemKind[] Ads = [ItemKind.Ad];

    [Fact]
    public void Rank_FlightAndTargeting_AreKept()
    {
        var shop = new SmallShop(5, products: 10, ads: 0);
        Ad Offer() => new(new($"adv{shop.NewId()}"), null, new Bid(BidUnit.Thousand, 900_000), 5_000_000, []);
        void Put(string id, Ad ad) => shop.Put(new Item { Id = new(id), Title = id, Ad = ad });
        var hour = SmallShop.Now.HourIndex % 24;
        Put("early", Offer() with { Starts = SmallShop.Now.Plus(TimeSpan.FromMilliseconds(1)) });
        Put("from-now", Offer() with { Starts = SmallShop.Now });
        Put("over", Offer() with { Ends = SmallShop.Now });
        Put("almost-over", Offer() with { Ends = SmallShop.Now.Plus(TimeSpan.FromMilliseconds(1)) });
        Put("elsewhere", Offer() with { Surfaces = ["search"] });
        Put("here", Offer() with { Surfaces = ["search", "home"] });
        Put("night", Offer() with { Hours = [(hour + 1) % 24] });
        Put("day", Offer() with { Hours = [hour] });
        Put("gardeners", Offer() with { Categories = ["garden"] });
        Put("cooks", Offer() with { Categories = ["kitchen"] });
        shop.Put(shop.Item("c001") with { Category = "kitchen" });
        shop.Apply(new Interaction(shop.NewId(), SmallShop.Now, null, new("u1"), new("c001"), InteractionType.Like, 0, 0));
        var slate = shop.Ranker().Rank(SmallShop.Request(kinds: Ads));
        Assert.Equal(["almost-over", "cooks", "day", "from-now", "here"], slate.Entries.Select(entry => entry.Item.Value).Order());
        Assert.Equal([("early", RemovalReason.OutsideFlight), ("elsewhere", RemovalReason.SurfaceNotTargeted), ("gardeners", RemovalReason.CategoryNotTargeted), ("night", RemovalReason.HourNotTargeted), ("over", RemovalReason.OutsideFlight)],
            slate.Removed.Select(removal => (removal.Item.Value, removal.Reason)).Order());
    }

    [Fact]
    public void Rank_FrequencyCaps_CountTheDayOfTheUser()
    {
        var shop = new SmallShop(5, products: 0, ads: 0);
        void Put(string id, string advertiser, int? cap) => shop.Put(new Item { Id = new(id), Title = id, Ad = new Ad(new(advertiser), null, new Bid(BidUnit.Thousand, 900_000), 5_000_000, []) { UserDailyCap = cap } });
        Put("a", "one", 3);
        Put("b", "one", null);
        Put("c", "two", null);
        var ranker = shop.Ranker(new SlatePolicy { AdUserDailyCap = 2, AdvertiserUserDailyCap = 4 });
        void Show(string item, string user = "u1", double hoursAgo = 0) =>
            shop.Apply(new Impression(shop.NewId(), SmallShop.Now.Plus(TimeSpan.FromHours(-hoursAgo)), new($"r{shop.NewId()}"), new(user), "home", [new(new(item), 1, null, 0)]));
        string[] Shown(string user = "u1", int daysOn = 0) => [.. ranker.Rank(SmallShop.Request(user: user, kinds: Ads) with { Now = SmallShop.Now.Plus(TimeSpan.FromDays(daysOn)) }).Entries.Select(entry => entry.Item.Value)];
        foreach (var _ in Enumerable.Range(0, 9)) Show("a", hoursAgo: 13); // yesterday
        Show("a");
        Show("a");
        Show("c");
        Assert.Equal(["a", "c"], Shown());
        Show("c");
        Assert.Equal(["a"], Shown()); // the policy's cap of two
        Show("a");
        Assert.Equal(["b"], Shown()); // a's own cap of three
        Show("b");
        Assert.Empty(Shown()); // four of advertiser one
        Assert.Equal(["a", "c"], Shown(user: "u2"));
        Assert.Equal(["a", "c"], Shown(daysOn: 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rank_ADayOfTraffic_SpendsTheBudgetAlongTheCurve(bool curved)
    {
        var curve = curved ? Enumerable.Range(0, 24).Select(hour => hour < 6 ? 0.0 : 1 + hour % 5).ToArray() : [];
        var shop = new SmallShop(5, products: 0, ads: 0);
        shop.Put(new Item { Id = new("x"), Title = "x", Ad = new Ad(new("adv"), null, new Bid(BidUnit.Thousand, 4_000_000), 10_000_000, []) });
        var ranker = shop.Ranker(new SlatePolicy { PacingCurve = curve, ReserveEcpmMicros = 2_000_000 });
        var start = Timestamp.OfDay(SmallShop.Now.DayIndex + 1);
        var byHour = new double[24];
        var random = new Random(1);
        // 24,000 requests could spend 48 units at the reserve; the budget is 10.
        for (var second = 0.0; second < 86_400; second += -3.6 * Math.Log(1 - random.NextDouble()))
        {
            var now = start.Plus(TimeSpan.FromSeconds(second));
            var slate = ranker.Rank(SmallShop.Request(count: 1, kinds: Ads) with { Now = now });
            if (slate.Entries.Count == 0) continue;
            var price = slate.Entries[0].Ad!.PriceMicros;
            shop.Apply(new Impression(shop.NewId(), now, new($"r{second:R}"), new("u1"), "home", [new(new("x"), 1, null, price)]));
            byHour[(int)(second / 3_600)] += price / 1_000.0;
        }
        var spent = shop.Spend.Spent(new("x"), BidUnit.Thousand, start.DayIndex);
        Assert.InRange(spent, 9_800_000, 10_000_000);
        for (var hour = 0; hour < 24; hour++)
        {
            var planned = 10_000_000 * (curved ? curve[hour] / curve.Sum() : 1 / 24.0);
            // An hour without a plan may still see the band before it.
            Assert.InRange(byHour[hour], planned * 0.9 - 1, planned > 0 ? planned * 1.1 + 1 : 30_000);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_RaisedBidUnderEveryRule_NeverLosesASlot(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 30 + seed);
        for (var i = 0; i < 30 + seed; i++)
            shop.Put(shop.Item($"c{i:000}") with { Author = $"author{random.Next(6)}", Attributes = new([KeyValuePair.Create("brand_risk", random.Next(2) == 0 ? "safe" : "high")]) });
        for (var i = 0; i < 20; i++)
            shop.Put(shop.Item($"a{i:000}") with { Attributes = new([KeyValuePair.Create("brand_tolerance", random.Next(3) == 0 ? "low" : "high")]) });
        var ranker = shop.Ranker(new SlatePolicy
        {
            AdsPerAdvertiser = 1 + seed % 3, AdShare = 0.4, AdSpacing = 2, FirstAdPosition = 2, UnitValue = seed * 40, PerAuthor = 4,
            AdQuality = new Dictionary<InteractionType, double> { [InteractionType.Click] = -0.5 },
        });
        for (var raise = 0; raise < 20; raise++)
        {
            var before = ranker.Rank(SmallShop.Request()).Entries.Where(entry => entry.Ad is not null).ToList();
            var id = $"a{random.Next(20):000}";
            var was = before.SingleOrDefault(entry => entry.Item.Value == id);
            shop.Bid(id, shop.Item(id).Ad!.Bid.Micros * random.Next(101, 300) / 100);
            var slate = ranker.Rank(SmallShop.Request());
            var now = slate.Entries.SingleOrDefault(entry => entry.Item.Value == id);
            if (was is not null) Assert.True(now is not null, $"{id} stood at {was.Position}, with a higher bid nowhere");
            Assert.All(slate.Entries.Where(entry => entry.Ad is not null), entry => Assert.InRange(entry.Ad!.PriceMicros, 1, shop.Item(entry.Item.Value).Ad!.Bid.Micros));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_RiskyContent_NeverStandsBesideASafeAd(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 50);
        string[] levels = ["safe", "low", "medium", "high"];
        for (var i = 0; i < 50; i++)
            if (random.Next(5) > 0) shop.Put(shop.Item($"c{i:000}") with { Attributes = new([KeyValuePair.Create("brand_risk", levels[random.Next(4)])]) });
        for (var i = 0; i < 20; i++)
            if (random.Next(5) > 0) shop.Put(shop.Item($"a{i:000}") with { Attributes = new([KeyValuePair.Create("brand_tolerance", levels[random.Next(4)])]) });
        var policy = new SlatePolicy { AdShare = 0.5, AdSpacing = 2, FirstAdPosition = 1, AdsPerAdvertiser = 5, BrandTolerance = 1, UnknownRisk = 2 };
        var entries = shop.Ranker(policy).Rank(SmallShop.Request()).Entries;
        int Level(SlateEntry entry, string name, int otherwise) => Array.IndexOf(levels, shop.Item(entry.Item.Value).Attributes.Text(name)) is >= 0 and var level ? level : otherwise;
        Assert.Equal(20, entries.Count);
        foreach (var (one, other) in entries.Zip(entries.Skip(1)).SelectMany(pair => new[] { pair, (pair.Second, pair.First) }))
            if (one.Ad is not null && other.Ad is null) Assert.True(Level(other, "brand_risk", 2) <= Level(one, "brand_tolerance", 1), $"{other.Item} beside {one.Item}");
    }

    [Fact]
    public void Rank_AdsComparedWithContent_GiveWayAndPayForWhatTheyDisplace()
    {
        var shop = new SmallShop(5, products: 20, ads: 0);
        shop.Put(new Item { Id = new("x"), Title = "x", Ad = new Ad(new("adv"), null, new Bid(BidUnit.Thousand, 2_000_000), 5_000_000, []) });
        SlateEntry? Ad(double unitValue, out IReadOnlyList<Displacement> displaced)
        {
            var slate = shop.Ranker(new SlatePolicy { UnitValue = unitValue, FirstAdPosition = 1 }).Rank(SmallShop.Request(count: 10));
            displaced = slate.Displaced;
            return slate.Entries.SingleOrDefault(entry => entry.Ad is not null);
        }
        Assert.Equal(1, Ad(0, out var uncompared)!.Position);
        Assert.Contains("unit_value is 0", Assert.Single(uncompared).Reason, StringComparison.Ordinal);
        Assert.Equal(100_000, Ad(0, out _)!.Ad!.PriceMicros); // the reserve
        Assert.Null(Ad(1, out var none)); // an impression is worth 0.002
        Assert.Empty(none);
        var dear = Ad(1_000, out var displaced); // worth 2
        var one = Assert.Single(displaced);
        Assert.Equal((1, 1), (dear!.Position, one.Position));
        Assert.True(one.AdWorth >= one.ContentValue);
        // It pays what makes it worth as much as the content, no more.
        Assert.Equal((one.ContentValue - dear.Score) / 1_000 * 1e9, dear.Ad!.PriceMicros, 1.0);
    }

    [Fact]
    public void Rank_Quality_LetsTheBetterLikedWin()
    {
        var shop = new SmallShop(5, products: 10, ads: 0);
        for (var i = 0; i < 30; i++) shop.Apply(new Interaction(shop.NewId(), SmallShop.Now, null, new($"v{i}"), new("c003"), InteractionType.Conversion, 0, 0));
        void Put(string id, string promotes, long bid) => shop.Put(new Item { Id = new(id), Title = id, Ad = new Ad(new(id), new(promotes), new Bid(BidUnit.Thousand, bid), 5_000_000, []) });
        Put("liked", "c003", 800_000);
        Put("dear", "c009", 900_000);
        SlateEntry First(double weight) => shop.Ranker(new SlatePolicy { AdQuality = new Dictionary<InteractionType, double> { [InteractionType.Conversion] = weight } }).Rank(SmallShop.Request(kinds: Ads)).Entries[0];
        Assert.Equal("dear", First(0).Item.Value);
        Assert.Equal("liked", First(10).Item.Value);
        Assert.InRange(First(10).Ad!.PriceMicros, 100_000, 800_000);
    }
}
