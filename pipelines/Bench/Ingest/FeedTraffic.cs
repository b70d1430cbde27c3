using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Bench.Ingest;

/// <summary>
/// Made-up traffic of a feed, as long as one likes: of 100 events 20 are impressions of 10 items, 1 is an item, 1 a user and the rest
/// interactions with what was shown. Items and users are drawn with a bias to the popular; time runs on evenly.
/// </summary>
/// <param name="seed">The same seed gives the same events.</param>
/// <param name="users">People, at least 1.</param>
/// <param name="items">Things, at least 10.</param>
/// <param name="ads">Ads, of which two are on each page; 0 for none.</param>
/// <param name="milliseconds">From one event to the next.</param>
internal sealed class FeedTraffic(int seed, int users = 100_000, int items = 20_000, int ads = 0, int milliseconds = 20)
{
    private const int Shown = 10;
    private static readonly int[] AdPlaces = [2, 7];

    /// <summary>The first event's time.</summary>
    public static readonly Timestamp Begin = Timestamp.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly string[] Countries = ["United Kingdom", "France", "Germany", "Ireland", "Poland", "Spain", "Sweden", "Italy"];
    private static readonly InteractionType[] Actions = [InteractionType.Click, InteractionType.Click, InteractionType.Dwell, InteractionType.Dwell, InteractionType.Dwell, InteractionType.Like, InteractionType.Hide, InteractionType.Conversion];

    /// <summary>Events <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1, known when they happen.</summary>
    public IEnumerable<Fact> Events(long first, long count)
    {
        for (var number = first; number < first + count; number++)
        {
            var made = Make(number);
            yield return new Fact(made, made.Time);
        }
    }

    /// <summary>Every item, ad and user, announced before the first event: as in a shop that is open.</summary>
    public IEnumerable<Fact> Announcements()
    {
        var random = new Draw((ulong)seed);
        for (var item = 0; item < items; item++) yield return Announced(new ItemUpserted(new(Name("announced-item", item)), Begin, MakeItem(item)));
        for (var ad = 0; ad < ads; ad++) yield return Announced(new ItemUpserted(new(Name("announced-ad", ad)), Begin, MakeAd(ad, ref random)));
        for (var user = 0; user < users; user++) yield return Announced(new UserUpserted(new(Name("announced-user", user)), Begin, new(Name("user", user)), Country(ref random)));
    }

    private static Fact Announced(Event made) => new(made, made.Time);

    private Event Make(long number)
    {
        // Every event is drawn from its number alone, so that any part of the traffic can be made again.
        var random = new Draw((ulong)number * SplitMix.Step ^ (ulong)seed);
        var id = new EventId(string.Create(CultureInfo.InvariantCulture, $"{random.Next():x16}{number:x8}"));
        var time = Begin.Plus(TimeSpan.FromMilliseconds(milliseconds * number));
        var request = number / 5;
        // Five events in a row belong to one request of one user.
        var asked = new Draw((ulong)request * 0xD1B54A32D192ED03 ^ (ulong)seed);
        var user = new UserId(Name("user", asked.Popular(users)));
        var requestId = new RequestId(string.Create(CultureInfo.InvariantCulture, $"{asked.Next():x16}"));
        if (number % 5 == 0) return new Impression(id, time, requestId, user, "home", ShownItems(ref asked));
        if (number % 100 == 99) return new ItemUpserted(id, time, ads > 0 && random.Below(10) == 0 ? MakeAd(random.Below(ads), ref random) : MakeItem(random.Below(items)));
        if (number % 100 == 49) return new UserUpserted(id, time, user, Country(ref asked));
        var action = Actions[random.Below(Actions.Length)];
        var shown = ShownItems(ref asked);
        return new Interaction(id, time, requestId, user, shown[random.Below(Shown)].Item, action,
            action == InteractionType.Conversion ? 1_000_000 + random.Below(50_000_000) : 0, action == InteractionType.Dwell ? random.Below(60_000) : 0);
    }

    private ShownItem[] ShownItems(ref Draw draw)
    {
        var shown = new ShownItem[Shown];
        var first = draw.Popular(items);
        // Steps of a tenth of them: ten different items.
        for (var i = 0; i < Shown; i++) shown[i] = new ShownItem(new ItemId(Name("item", (int)((first + i * (items / Shown)) % items))), i + 1, 1.0 / (i + 2), 0);
        foreach (var place in ads > 0 ? AdPlaces : [])
            shown[place] = shown[place] with { Item = new ItemId(Name("ad", draw.Popular(ads))), PriceMicros = 1_000 + draw.Below(400_000) };
        return shown;
    }

    private static Item MakeItem(int item) => new()
    {
        Id = new ItemId(Name("item", item)),
        Title = $"A title of some words for number {item}",
        Category = Name("category", item % 50),
        Author = Name("author", item % 700),
        Tags = [Name("tag", item % 90)],
        Attributes = new AttributeSet([new("price", (item % 97 + 0.5).ToString(CultureInfo.InvariantCulture))]),
    };

    private Item MakeAd(int ad, ref Draw draw) => new()
    {
        Id = new ItemId(Name("ad", ad)),
        Title = $"An offer of some words, number {ad}",
        Category = Name("category", ad % 50),
        Ad = new Ad(new(Name("advertiser", ad / 4)), new ItemId(Name("item", ad * 7 % items)), new((BidUnit)(1 + ad % 3), 500_000 + draw.Below(1_000_000)), 100_000_000, []),
    };

    private AttributeSet Country(ref Draw draw) => new([new("country", Countries[ads > 0 ? draw.Below(Countries.Length) : 0])]);

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    /// <summary>A generator that starts anywhere at no cost.</summary>
    private struct Draw(ulong state)
    {
        public ulong Next() => SplitMix.Mix(state += SplitMix.Step);

        public int Below(int limit) => (int)(Next() % (ulong)limit);

        /// <summary>The cube of a uniform number: the first hundredth is drawn more than twenty times as often as the average.</summary>
        public int Popular(int count)
        {
            var uniform = SplitMix.Unit(Next());
            return (int)(uniform * uniform * uniform * count);
        }
    }
}
