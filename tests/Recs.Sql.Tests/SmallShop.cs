using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Storage;
using Recs.Storage.Scores;

namespace Recs.Sql.Tests;

/// <summary>
/// A small data set made from a seed: items that change their bid, impressions of several days with pages shown twice,
/// clicks and conversions with and without a request, some of them of strangers. The lists are what the numbers are worked out from.
/// </summary>
internal sealed class SmallShop
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2011, 11, 5, 0, 0, 0, TimeSpan.Zero));
    private const int ItemCount = 30, ImpressionCount = 200, ShownCount = 8;

    public SmallShop(int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < ItemCount; n++) Items.Add(ItemAt(n, version: 0, Start.Plus(TimeSpan.FromHours(-1))));
        for (var n = 0; n < ItemCount; n += 3) Items.Add(ItemAt(n, version: 1, Start.Plus(TimeSpan.FromHours(30))));
        for (var n = 0; n < ImpressionCount; n++)
        {
            var request = $"r{n - (n % 10 == 9 ? 1 : 0)}"; // every tenth impression is a further page of the request before
            var user = new UserId($"u{(n - (n % 10 == 9 ? 1 : 0)) % 7}");
            var time = Start.Plus(TimeSpan.FromMinutes(n * 19));
            var items = Enumerable.Range(0, ItemCount + 1).ToArray();
            random.Shuffle(items);
            var shown = items.Take(ShownCount).Select((item, at) =>
                new ShownItem(new($"i{item}"), at + 1, at % 3 == 0 ? null : 1.0 / (at + 1), IsAd(item) ? 10_000 + random.Next(5_000) : 0)).ToArray();
            Impressions.Add(new(new($"p{n:d3}"), time, new(request), user, "home", shown));
            foreach (var place in shown) Respond(random, n, request, user, place.Item, time);
        }
        Predictions = [.. Enumerable.Range(0, 95).Select(n => new Prediction(new($"r{n}"), new("u1"), new($"i{n % 5}"), n % 3 * 0.25, random.Next(4) == 0))];
    }

    public List<ItemUpserted> Items { get; } = [];

    public List<Impression> Impressions { get; } = [];

    public List<Interaction> Interactions { get; } = [];

    public IReadOnlyList<Prediction> Predictions { get; }

    public IReadOnlyList<Fact> Facts =>
        [.. Items.Concat<Event>(Impressions).Concat(Interactions).Select(source => new Fact(source, source.Time))];

    public static IReadOnlyList<DeadLetter> DeadLetters { get; } = [.. Enumerable.Range(0, 9).Select(n =>
        new DeadLetter(new(n % 2 == 0 ? "recs.events" : "recs.items", 0), n, new((RejectionReason)(1 + n % 3), $"detail {n}"), [1], Start.Plus(TimeSpan.FromMinutes(n))))];

    /// <summary>One for each impression that begins a request: what was shown, and what was left out on the way.</summary>
    public IReadOnlyList<Decision> Decisions => [.. Impressions.Where((_, n) => n % 10 != 9).Select((source, n) => new Decision
    {
        Id = $"d{n:d3}",
        Request = source.Request,
        Time = source.Time,
        User = source.User,
        Surface = n % 4 == 0 ? "search" : "home",
        Versions = new("m1", "v1", n < 50 ? "p1" : "p2", "c1"),
        Degraded = n % 6 == 0 ? "no embeddings" : "none",
        Candidates = 100 + n,
        Places = [.. source.Items.Select((shown, at) => new DecidedPlace(at + 1, shown.Item, shown.PriceMicros > 0, 1.0 / (at + 1), shown.Propensity ?? 1,
            shown.PriceMicros > 0 ? new("adv") : null, 2 * shown.PriceMicros, shown.PriceMicros))],
        Removed = n % 3 == 0 ? new Dictionary<string, int> { ["seen"] = n, ["budget"] = 2 } : new() { ["seen"] = 1 },
        Answer = System.Text.Encoding.UTF8.GetBytes($$"""{"slate":[{{string.Join(',', source.Items.Select((shown, at) => $$"""{"item":"{{shown.Item}}","heads":{"click":0.{{1 + (n + at) % 9}} } }"""))}}]}"""),
        Inputs = [],
    })];

    public void Fill(IRecsStore store)
    {
        foreach (var batch in Facts.Chunk(150)) store.Append(new(batch, [], []));
        store.Append(new([], DeadLetters, []));
        store.SaveEmbeddings(Enumerable.Range(0, 20).Select(n => new ItemEmbedding(new($"i{n}"), "v1", "", [1, n], n == 7 ? "" : $"{n % 3}-{n % 2}-5")));
        Assert.Equal(Decisions.Count, store.Keep(Decisions));
        store.SavePredictions("m1", Predictions);
        store.SavePredictions("m2", Predictions.Take(25));
        store.RefreshMarts();
        store.RefreshClusters();
    }

    /// <summary>The item as it was at <paramref name="time"/>; null for the one item that nobody announced.</summary>
    public Item? ItemAt(ItemId id, Timestamp time)
    {
        var versions = Items.Where(source => source.Item.Id == id).OrderBy(source => source.Time).ToList();
        return (versions.LastOrDefault(source => source.Time <= time) ?? versions.FirstOrDefault())?.Item;
    }

    private void Respond(Random random, int n, string request, UserId user, ItemId item, Timestamp time)
    {
        void Add(InteractionType action, UserId who, string? known) => Interactions.Add(new(new($"n{Interactions.Count}"), time.Plus(TimeSpan.FromSeconds(5)),
            known is null ? null : new RequestId(known), who, item, action, action == InteractionType.Conversion ? 2_500_000 : 0, 0));
        if (random.Next(3) == 0) Add(InteractionType.Click, user, request);
        if (random.Next(9) == 0) Add(InteractionType.Click, user, request); // clicked twice, owed once
        if (random.Next(8) == 0) Add(InteractionType.Conversion, user, request);
        if (random.Next(10) == 0) Add(InteractionType.Like, user, request);
        if (n % 20 == 0) Add(InteractionType.Conversion, user, null);
        if (n % 25 == 0) Add(InteractionType.Conversion, new("stranger"), request);
    }

    private static bool IsAd(int item) => item % 2 == 0 && item < ItemCount;

    private static ItemUpserted ItemAt(int n, int version, Timestamp time) => new(new($"e{n}-{version}"), time, new Item
    {
        Id = new($"i{n}"),
        Title = $"Item {n}",
        Category = $"c{n % 4}",
        Ad = !IsAd(n) ? null : new Ad(new($"adv-{n % 5}"), null, new((BidUnit)(1 + (n % 3 + version) % 3), 20_000 + version), 1_000_000 + n, []),
    });
}
