using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

public sealed class SlateRankerTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_AnyShop_KeepsThePolicy(int seed)
    {
        var shop = new SmallShop(seed, products: seed * 5 % 80, ads: 5 + seed);
        var policy = new SlatePolicy { AdsPerAdvertiser = 1 + seed % 2 };
        var slate = shop.Ranker(policy).Rank(SmallShop.Request());
        Assert.Equal(Enumerable.Range(1, slate.Entries.Count), slate.Entries.Select(entry => entry.Position));
        Assert.Equal(slate.Entries.Count, slate.Entries.Select(entry => entry.Item).Distinct().Count());
        var ads = slate.Entries.Where(entry => entry.Kind == ItemKind.Ad).ToList();
        Assert.True(ads.Count <= policy.AdShare * slate.Entries.Count + 1e-9, $"{ads.Count} ads among {slate.Entries.Count}");
        Assert.All(ads, ad => Assert.True(ad.Position >= policy.FirstAdPosition));
        Assert.All(ads.Zip(ads.Skip(1)), pair => Assert.True(pair.Second.Position - pair.First.Position >= policy.AdSpacing));
        Assert.All(ads.CountBy(ad => ad.Ad!.Advertiser), pair => Assert.True(pair.Value <= policy.AdsPerAdvertiser));
        foreach (var ad in ads)
        {
            var offer = shop.Item(ad.Item.Value).Ad!;
            Assert.InRange(ad.Ad!.PriceMicros, 1, offer.Bid.Micros);
            Assert.True(ad.Ad.EcpmMicros >= policy.ReserveEcpmMicros);
            Assert.DoesNotContain(slate.Entries, entry => entry.Item == offer.Promotes);
        }
        var content = slate.Entries.Where(entry => entry.Kind == ItemKind.Content).Select(entry => entry.Score).ToList();
        Assert.Equal(content.OrderByDescending(score => score), content);
        Assert.All(slate.Entries, entry => Assert.All(entry.Heads, head => Assert.InRange(head.Probability, 0.0001f, 0.9999f)));
        Assert.All(slate.Removed, removal => Assert.True(Enum.IsDefined(removal.Reason) && removal.Detail.Length > 0));
        Assert.Empty(slate.Removed.Select(removal => removal.Item).Intersect(slate.Entries.Select(entry => entry.Item)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_RaisedBid_NeverLosesASlot(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 30 + seed);
        var ranker = shop.Ranker(new SlatePolicy { AdsPerAdvertiser = 1 + seed % 3 });
        for (var raise = 0; raise < 20; raise++)
        {
            var before = ranker.Rank(SmallShop.Request()).Entries.Where(entry => entry.Ad is not null).ToList();
            var id = $"a{random.Next(20):000}";
            var was = before.SingleOrDefault(entry => entry.Item.Value == id);
            shop.Bid(id, shop.Item(id).Ad!.Bid.Micros * random.Next(101, 300) / 100);
            var now = ranker.Rank(SmallShop.Request()).Entries.SingleOrDefault(entry => entry.Item.Value == id);
            if (was is not null) Assert.True(now?.Position <= was.Position, $"{id} stood at {was.Position}, with a higher bid at {now?.Position}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_EveryPriceBilled_StaysWithinTheBudgets(int seed)
    {
        var shop = new SmallShop(seed, products: 40);
        for (var i = 0; i < 20; i++)
            if (shop.Item($"a{i:000}") is var ad) shop.Put(ad with { Ad = ad.Ad! with { DailyBudgetMicros = 1_500_000 } });
        var ranker = shop.Ranker();
        for (var round = 0; round < 96; round++)
        {
            // The whole day passes, so that pacing plans the whole budget.
            var (request, now) = (new RequestId($"r{round}"), Timestamp.OfDay(SmallShop.Now.DayIndex).Plus(TimeSpan.FromMinutes(15 * round + 14)));
            var slate = ranker.Rank(SmallShop.Request() with { Now = now });
            shop.Apply(new Impression(shop.NewId(), now, request, new("u1"), "home",
                [.. slate.Entries.Select(entry => new ShownItem(entry.Item, entry.Position, null, entry.Ad?.PriceMicros ?? 0))]));
            foreach (var entry in slate.Entries.Where(entry => entry.Ad is not null))
                foreach (var action in new[] { InteractionType.Click, InteractionType.Conversion })
                    shop.Apply(new Interaction(shop.NewId(), now, request, new("u1"), entry.Item, action, 0, 0));
        }
        var spent = Enumerable.Range(0, 20).Select(i => shop.Item($"a{i:000}")).Select(ad => shop.Spend.Spent(ad.Id, ad.Ad!.Bid.Per, SmallShop.Now.DayIndex)).ToList();
        Assert.All(spent, micros => Assert.InRange(micros, 0, 1_500_000));
        Assert.Contains(spent, micros => micros > 1_400_000);
    }

    [Fact]
    public void Rank_BudgetSpent_RemovesTheAdUntilTheNextDay()
    {
        var shop = new SmallShop(5, products: 10, ads: 0);
        shop.Put(new Item { Id = new("x"), Title = "x", Ad = new Ad(new("adv"), null, new Bid(BidUnit.Click, 900_000), 800_000, []) });
        var ranker = shop.Ranker();
        shop.Apply(new Impression(shop.NewId(), SmallShop.Now, new("r"), new("u"), "home", [new(new("x"), 1, null, 800_000)]));
        Assert.Single(ranker.Rank(SmallShop.Request(kinds: [ItemKind.Ad])).Entries);
        shop.Apply(new Interaction(shop.NewId(), SmallShop.Now, new("r"), new("u"), new("x"), InteractionType.Click, 0, 0));
        var slate = ranker.Rank(SmallShop.Request(kinds: [ItemKind.Ad]));
        Assert.Empty(slate.Entries);
        Assert.Equal(RemovalReason.BudgetSpent, Assert.Single(slate.Removed).Reason);
        Assert.Single(ranker.Rank(SmallShop.Request(kinds: [ItemKind.Ad]) with { Now = SmallShop.Now.Plus(TimeSpan.FromDays(1)) }).Entries);
    }

    [Fact]
    public void Rank_SameRequest_GivesTheSameSlate()
    {
        string Text(SlateRanker ranker) => string.Join('\n', ranker.Rank(SmallShop.Request()).Entries.Select(entry =>
            $"{entry.Position} {entry.Item} {entry.Score:R} {string.Join(' ', entry.Heads)} {entry.Ad}"));
        var (one, other) = (new SmallShop(4).Ranker(), new SmallShop(4).Ranker());
        var first = Text(one);
        Assert.Equal(first, Text(one));
        Assert.Equal(first, Text(other));
        Assert.All(Enumerable.Range(0, 50).AsParallel().Select(_ => Text(one)), text => Assert.Equal(first, text));
    }

    [Fact]
    public void Rank_NoCandidates_GivesAnEmptySlate()
    {
        var slate = new SmallShop(1).Ranker().Rank(SmallShop.Request(candidates: []));
        Assert.Empty(slate.Entries);
        Assert.Empty(slate.Removed);
    }

    [Fact]
    public void Rank_GivenCandidates_RemovesWithAReasonAndRefills()
    {
        var shop = new SmallShop(2);
        shop.Put(shop.Item("c001") with { Status = ItemStatus.Paused });
        ItemId[] given = [.. Enumerable.Range(0, 30).Select(i => new ItemId($"c{i:000}")), new("c005"), new("nowhere"), new("a000")];
        var slate = shop.Ranker().Rank(SmallShop.Request(count: 28, candidates: given, kinds: [ItemKind.Content]));
        Assert.Equal(28, slate.Entries.Count);
        Assert.Equal([("c001", RemovalReason.NotActive), ("c005", RemovalReason.Duplicate), ("nowhere", RemovalReason.UnknownItem), ("a000", RemovalReason.KindNotAsked)],
            slate.Removed.Select(removal => (removal.Item.Value, removal.Reason)));
    }

    [Fact]
    public void Rank_UnknownUser_GetsAFullSlate() => Assert.Equal(20, new SmallShop(3).Ranker().Rank(SmallShop.Request(user: "stranger")).Entries.Count);

    [Fact]
    public void Rank_OwnPurchases_RaiseTheItem()
    {
        var shop = new SmallShop(3);
        var id = shop.Ranker().Rank(SmallShop.Request(count: 40, user: "v", kinds: [ItemKind.Content])).Entries[^1].Item;
        int Place() => shop.Ranker().Rank(SmallShop.Request(count: 60, user: "v", kinds: [ItemKind.Content])).Entries.Single(entry => entry.Item == id).Position;
        var before = Place();
        shop.Apply(new Interaction(shop.NewId(), SmallShop.Now, null, new("v"), id, InteractionType.Conversion, 0, 0));
        Assert.True(Place() < before);
    }

    [Fact]
    public void Rank_AdsOnly_FillsEveryPlaceAndPricesByTheNext()
    {
        var shop = new SmallShop(5, products: 10, ads: 0);
        foreach (var (id, bid) in new[] { ("x", 900_000L), ("y", 600_000L), ("z", 50_000L) })
            shop.Put(new Item { Id = new(id), Title = id, Ad = new Ad(new(id), null, new Bid(BidUnit.Thousand, bid), 5_000_000, []) });
        var entries = shop.Ranker().Rank(SmallShop.Request(kinds: [ItemKind.Ad])).Entries;
        Assert.Equal([("x", 600_000L), ("y", 100_000L)], entries.Select(entry => (entry.Item.Value, entry.Ad!.PriceMicros)));
    }

    [Fact]
    public void Rank_AdsThatMayNotRun_AreRemovedWithTheReason()
    {
        var shop = new SmallShop(5, products: 10, ads: 0);
        Ad Offer(BidUnit per = BidUnit.Click, ItemId? promotes = null, string[]? countries = null) => new(new("adv"), promotes, new Bid(per, 900_000), 5_000_000, countries ?? []);
        void Put(string id, Ad ad) => shop.Put(new Item { Id = new(id), Title = id, Ad = ad });
        Put("abroad", Offer(countries: ["France"]));
        Put("gone", Offer(promotes: new("c000")));
        Put("unpredicted", Offer(BidUnit.Conversion));
        Put("here", Offer(countries: ["Norway"]));
        shop.Put(shop.Item("c000") with { Status = ItemStatus.Deleted });
        shop.Apply(new UserUpserted(shop.NewId(), SmallShop.Now, new("u1"), new AttributeSet([KeyValuePair.Create("country", "Norway")])));
        var slate = shop.Ranker(null, InteractionType.Click).Rank(SmallShop.Request(kinds: [ItemKind.Ad]));
        Assert.Equal(["here"], slate.Entries.Select(entry => entry.Item.Value));
        Assert.Equal([("abroad", RemovalReason.NotTargeted), ("gone", RemovalReason.PromotesInactive), ("unpredicted", RemovalReason.BidNotPredicted)],
            slate.Removed.Select(removal => (removal.Item.Value, removal.Reason)));
    }

    [Fact]
    public void Policy_OutOfRange_IsRefused()
    {
        var refused = Assert.Throws<RefusedException>(() => new SmallShop(1).Ranker(new SlatePolicy { AdShare = 2 }));
        Assert.Equal("slate policy: ads.share is 2, range 0 to 1", refused.Message);
        Assert.NotEqual(new SlatePolicy().Version, new SlatePolicy { AdSpacing = 5 }.Version);
    }
}
