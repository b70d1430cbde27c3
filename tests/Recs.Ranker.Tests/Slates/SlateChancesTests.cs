using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

/// <summary>The chances of a policy are those with which it composes.</summary>
public sealed class SlateChancesTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_ThePolicyThatRan_IsThePropensityOfEveryPlace(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 20 + random.Next(60), ads: random.Next(20));
        var policy = new SlatePolicy { ExplorePosition = 1 + random.Next(4), ExploreShare = 0.3, ExploreImpressions = 100 };
        var ranker = shop.Ranker(policy);
        var chances = new SlateChances(ranker.Model, policy);
        for (var draw = 0; draw < 20; draw++)
        {
            var request = SmallShop.Request(count: 8, user: $"u{seed % 12}") with { Draw = (ulong)random.NextInt64() };
            using var inputs = ranker.Gather(request);
            var slate = ranker.Composer.Compose(inputs);
            var places = chances.Of(inputs);
            Assert.Equal(slate.Entries.Count, places.Count);
            foreach (var entry in slate.Entries)
            {
                var there = Assert.Single(places[entry.Position - 1], chance => chance.Item == entry.Item);
                Assert.Equal(entry.Propensity, there.Chance); // to the last bit: an unchanged policy must give the logged mean exactly
                Assert.Equal(1, places[entry.Position - 1].Sum(chance => chance.Chance), 1e-12);
            }
        }
    }
}
