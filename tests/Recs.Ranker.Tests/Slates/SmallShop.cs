using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.State;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

/// <summary>A seeded catalogue with demand, and heads whose probability rises with an item's demand.</summary>
internal sealed class SmallShop
{
    public static readonly Timestamp Now = Timestamp.From(new DateTimeOffset(2024, 3, 20, 12, 0, 0, TimeSpan.Zero));

    private readonly Random _random;
    private int _events;

    /// <param name="seed">Decides everything.</param>
    /// <param name="products">Content items c000 ….</param>
    /// <param name="ads">Ads a000 …, most promoting a product, of five advertisers.</param>
    public SmallShop(int seed, int products = 60, int ads = 20)
    {
        _random = new Random(seed);
        for (var i = 0; i < products; i++) Put(new Item { Id = new($"c{i:000}"), Title = $"Product {i}" });
        for (var i = 0; i < ads; i++)
            Put(new Item
            {
                Id = new($"a{i:000}"),
                Title = $"Ad {i}",
                Ad = new Ad(new($"adv{_random.Next(5)}"), i % 5 == 4 || products == 0 ? null : new ItemId($"c{_random.Next(products):000}"),
                    new Bid((BidUnit)_random.Next(1, 4), _random.Next(50_000, 2_000_000)), 10_000_000, []),
            });
        for (var i = 0; i < products * 8; i++)
            Apply(new Interaction(NewId(), Now.Plus(TimeSpan.FromHours(-_random.Next(24, 2_000))), null, new($"u{_random.Next(10)}"),
                new($"c{(int)(products * Math.Pow(_random.NextDouble(), 2)):000}"), InteractionType.Conversion, 0, 0));
    }

    public RankingState State { get; } = new();

    public SpendLedger Spend { get; } = new();

    public ExposureLedger Exposures { get; } = new();

    public static RankRequest Request(int count = 20, string user = "u1", IReadOnlyList<ItemId>? candidates = null, ItemKind[]? kinds = null) =>
        new(new(user), "home", count, kinds ?? [ItemKind.Content, ItemKind.Ad], candidates, Explain: true, Now);

    public SlateRanker Ranker(SlatePolicy? policy = null, params InteractionType[] actions) =>
        new(State, Spend, Exposures, Model(actions.Length == 0 ? [InteractionType.Conversion, InteractionType.Click] : actions), policy);

    public Item Item(string id) => State.FindItem(new(id)) ?? throw new ArgumentException($"no item {id}");

    public void Put(Item item) => Apply(new ItemUpserted(NewId(), Now.Plus(TimeSpan.FromMilliseconds(_events - 100_000_000)), item));

    /// <summary>The ad with another bid.</summary>
    public void Bid(string id, long micros)
    {
        var item = Item(id);
        Put(item with { Ad = item.Ad! with { Bid = item.Ad.Bid with { Micros = micros } } });
    }

    public void Apply(Event source)
    {
        State.Apply(source);
        Spend.Apply(source);
        Exposures.Apply(source);
    }

    public EventId NewId() => new($"e{_events++}");

    private static RankerModel Model(InteractionType[] actions)
    {
        var columns = FeatureSchema.Standard.Columns.ToList();
        var (demand, own) = (columns.IndexOf("item_positives_total"), columns.IndexOf("user_item_count"));
        // Stumps: each step of demand and each own purchase raises the score.
        var trees = Enumerable.Range(1, 12).Select(step => new RegressionForest.Tree([demand], [step * 0.3f], [~0], [~1], [-0.2, 0.2]))
            .Append(new([own], [0.5f], [~0], [~1], [0, 0.7])).ToList();
        return new("model", FeatureSchema.Standard, "none", [.. actions.Select((action, at) => new Head(action, new RegressionForest(trees), new PlattCalibration(1, -3 + at), null))]);
    }
}
