using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Embedding;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

/// <summary>The rules of the feed: caps, seen items, freshness, diversity, the slot for new items.</summary>
public sealed class FeedRulesTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 15)];

    private static readonly ItemKind[] Content = [ItemKind.Content];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_Caps_HoldAndAreRefilledFromBehind(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 60, ads: 10);
        for (var i = 0; i < 60; i++)
            shop.Put(shop.Item($"c{i:000}") with { Author = random.Next(4) == 0 ? "" : $"author{random.Next(6)}", Category = $"category{random.Next(8)}" });
        var slate = shop.Ranker(new SlatePolicy { PerAuthor = 2, PerCategory = 3 }).Rank(SmallShop.Request(count: 15));
        var content = slate.Entries.Where(entry => entry.Kind == ItemKind.Content).Select(entry => shop.Item(entry.Item.Value)).ToList();
        Assert.All(content.Where(item => item.Author.Length > 0).CountBy(item => item.Author), pair => Assert.InRange(pair.Value, 1, 2));
        Assert.All(content.CountBy(item => item.Category), pair => Assert.InRange(pair.Value, 1, 3));
        // 6 authors × 2 and the items without one, in 8 categories × 3: there is always enough to fill 15 places.
        Assert.Equal(15, slate.Entries.Count);
        // Nothing better was passed over without a reason.
        var worst = slate.Entries.Where(entry => entry.Kind == ItemKind.Content).Min(entry => entry.Score);
        var missing = shop.Ranker().Rank(SmallShop.Request(count: 60, kinds: Content)).Entries.Where(entry => entry.Score > worst).Select(entry => entry.Item)
            .Except(slate.Entries.Select(entry => entry.Item));
        Assert.Subset(slate.Removed.Select(removal => removal.Item).ToHashSet(), missing.ToHashSet());
    }

    [Fact]
    public void Rank_AlreadySeen_IsLeftOutForTheDaysOfThePolicy()
    {
        var shop = new SmallShop(3, products: 12, ads: 0);
        var ranker = shop.Ranker(new SlatePolicy { SeenAfter = 2, SeenDays = 3 });
        void Show(int daysAgo) => shop.Apply(new Impression(shop.NewId(), SmallShop.Now.Plus(TimeSpan.FromDays(-daysAgo)), new($"r{shop.NewId()}"), new("u1"), "home", [new(new("c001"), 1, null, 0)]));
        bool IsShown(string user = "u1", int daysOn = 0) => ranker.Rank(SmallShop.Request(count: 12, user: user) with { Now = SmallShop.Now.Plus(TimeSpan.FromDays(daysOn)) }).Entries.Any(entry => entry.Item.Value == "c001");
        Show(daysAgo: 2);
        Assert.True(IsShown());
        Show(daysAgo: 1);
        Assert.False(IsShown());
        Assert.True(IsShown(user: "u2"));
        Assert.True(IsShown(daysOn: 1)); // the first is four days ago by then
        var removal = Assert.Single(ranker.Rank(SmallShop.Request(count: 12)).Removed);
        Assert.Equal((RemovalReason.AlreadySeen, "shown 2 times in 3 days, limit 2"), (removal.Reason, removal.Detail));
    }

    [Fact]
    public void Rank_Freshness_LiftsTheYoungerOfEquals()
    {
        var shop = new SmallShop(3, products: 0, ads: 0);
        shop.Put(new Item { Id = new("a-old"), Title = "old", Created = SmallShop.Now.Plus(TimeSpan.FromDays(-30)) });
        shop.Put(new Item { Id = new("b-new"), Title = "new", Created = SmallShop.Now.Plus(TimeSpan.FromHours(-24)) });
        Slate Rank(double freshness) => shop.Ranker(new SlatePolicy { Freshness = freshness, FreshnessHalfLifeHours = 24 }).Rank(SmallShop.Request(candidates: [new("a-old"), new("b-new")]));
        var (plain, fresh) = (Rank(0), Rank(1));
        Assert.Equal(["a-old", "b-new"], plain.Entries.Select(entry => entry.Item.Value));
        Assert.Equal(["b-new", "a-old"], fresh.Entries.Select(entry => entry.Item.Value));
        Assert.Equal(plain.Entries[1].Score * 1.5, fresh.Entries[0].Score, 1e-9); // a half-life old: 1 + 1 × ½
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_Diversity_IsTheGreedyChoice(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 40, ads: 0);
        var vectors = new ItemVectors([.. Enumerable.Range(0, 36).Select(i => new ItemEmbedding(new($"c{i:000}"), "v", "", Unit(random)))]);
        var policy = new SlatePolicy { Diversity = 0.4, DiversityWindow = 12 };
        var ranker = shop.Ranker(policy);
        ranker.Vectors = vectors;
        var diverse = ranker.Rank(SmallShop.Request(count: 10, kinds: Content)).Entries;
        // The same worked out plainly: of the twelve best left, the greatest (1 − d) × scaled value − d × greatest rounded cosine.
        var left = shop.Ranker().Rank(SmallShop.Request(count: 40, kinds: Content)).Entries.ToList();
        var (most, least) = (left[0].Score, left[11].Score);
        List<SlateEntry> expected = [];
        while (expected.Count < 10)
        {
            double Relevance(SlateEntry entry) => 0.6 * (entry.Score - least) / (most - least)
                - 0.4 * expected.Select(taken => Math.Round((vectors.Cosine(entry.Item, taken.Item) ?? 0) * 127) / 127).DefaultIfEmpty(0).Max();
            var best = left.Take(12).MaxBy(Relevance)!;
            expected.Add(best);
            left.Remove(best);
        }
        Assert.Equal(expected.Select(entry => entry.Item), diverse.Select(entry => entry.Item));
        Assert.Equal(Enumerable.Range(1, 10), diverse.Select(entry => entry.Position));
    }

    [Fact]
    public void Rank_Exploration_KeepsItsSharesAndLogsThem()
    {
        var shop = new SmallShop(8, products: 30, ads: 0);
        for (var i = 0; i < 30; i++)
            if (i is not (5 or 6 or 7 or 8))
                shop.Apply(new Impression(shop.NewId(), SmallShop.Now, new($"r{i}"), new("x"), "home", [.. Enumerable.Range(0, 1).Select(_ => new ShownItem(new($"c{i:000}"), 1, null, 0))]));
        var policy = new SlatePolicy { ExplorePosition = 3, ExploreShare = 0.25, ExploreImpressions = 1 };
        var ranker = shop.Ranker(policy);
        var plain = shop.Ranker().Rank(SmallShop.Request(count: 4, kinds: Content)).Entries;
        var pool = new[] { "c005", "c006", "c007", "c008" }.Except(plain.Select(entry => entry.Item.Value)).ToList();
        var counts = new Dictionary<string, int>();
        var propensities = new Dictionary<string, double>();
        for (var draw = 0UL; draw < 8_000; draw++)
        {
            var slate = ranker.Rank(SmallShop.Request(count: 4, kinds: Content) with { Draw = draw * 0x9E3779B97F4A7C15 }).Entries;
            Assert.Equal(plain.Where(entry => entry.Position != 3).Select(entry => entry.Item), slate.Where(entry => entry.Position != 3).Select(entry => entry.Item));
            Assert.All(slate.Where(entry => entry.Position != 3), entry => Assert.Equal(1, entry.Propensity));
            counts[slate[2].Item.Value] = counts.GetValueOrDefault(slate[2].Item.Value) + 1;
            propensities[slate[2].Item.Value] = slate[2].Propensity;
        }
        Assert.Equal(pool.Append(plain[2].Item.Value).Order(), counts.Keys.Order());
        Assert.Equal(1, propensities.Values.Sum(), 1e-12);
        // Five standard deviations around what the propensity says.
        Assert.All(counts, pair => Assert.InRange(pair.Value / 8_000.0, propensities[pair.Key] - 5 * Math.Sqrt(0.25 / 8_000), propensities[pair.Key] + 5 * Math.Sqrt(0.25 / 8_000)));
    }

    private static float[] Unit(Random random)
    {
        var vector = Enumerable.Range(0, 4).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var norm = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / norm)];
    }
}
