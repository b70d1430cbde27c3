using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Sql.Tests;

/// <summary>
/// Events of three weeks in a random order of arrival, so that items, users and answers come before and after what they change, some of them twice. Requests are
/// shown again days later, and items and users have several versions, some at one time. Beside them the rows of <c>fct_impression</c>, worked out one showing at a time.
/// </summary>
internal sealed class RandomFeed
{
    private const int Days = 21, ItemCount = 12, UserCount = 6, RequestCount = 60;

    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 2, 20, 0, 0, 0, TimeSpan.Zero));

    private readonly Random _random;

    public RandomFeed(int seed)
    {
        _random = new Random(seed);
        for (var n = 0; n < 40; n++) Events.Add(new ItemUpserted(Id("i"), Time(), ItemOf(_random.Next(ItemCount))));
        for (var n = 0; n < 18; n++) Events.Add(new UserUpserted(Id("u"), Time(), User(), _random.Next(4) == 0 ? AttributeSet.Empty : new([new(_random.Next(2) == 0 ? "segment" : "country", $"s{_random.Next(3)}")])));
        for (var n = 0; n < RequestCount; n++) Show(new RequestId($"r{n}"));
        Arrivals = [.. Events.Concat(Events.Where(_ => _random.Next(10) == 0))];
        _random.Shuffle(Arrivals);
    }

    /// <summary>Each once.</summary>
    public List<Event> Events { get; } = [];

    /// <summary>All of them, a tenth twice.</summary>
    public Event[] Arrivals { get; }

    /// <summary>The mart's rows in the order (event id, ordinal), from the events that are <paramref name="there"/>.</summary>
    public static List<object?[]> Rows(IReadOnlyCollection<Event> there, int window)
    {
        var items = there.OfType<ItemUpserted>().OrderBy(told => told.Time).ThenBy(told => told.Id.Value, StringComparer.Ordinal).ToLookup(told => told.Item.Id);
        var users = there.OfType<UserUpserted>().OrderBy(told => told.Time).ThenBy(told => told.Id.Value, StringComparer.Ordinal).ToLookup(told => told.User);
        var answers = there.OfType<Interaction>().ToLookup(answer => (answer.Request, answer.User, answer.Item));
        var shownBefore = new Dictionary<(RequestId, UserId, ItemId), int>();
        List<object?[]> rows = [];
        foreach (var page in there.OfType<Impression>().OrderBy(page => page.Time).ThenBy(page => page.Id.Value, StringComparer.Ordinal))
            for (var ordinal = 0; ordinal < page.Items.Count; ordinal++)
            {
                var (day, shown, key) = (page.Time.DayIndex, page.Items[ordinal], (page.Request, page.User, page.Items[ordinal].Item));
                var credited = !shownBefore.TryGetValue(key, out var before) || day - before > window;
                shownBefore[key] = day;
                var answered = credited ? answers[key].Where(answer => answer.Time.DayIndex >= day && answer.Time.DayIndex <= day + window).ToList() : [];
                var item = (items[shown.Item].LastOrDefault(told => told.Time <= page.Time) ?? items[shown.Item].FirstOrDefault())?.Item;
                var user = users[page.User].LastOrDefault(told => told.Time <= page.Time) ?? users[page.User].FirstOrDefault();
                var attributes = user?.Attributes.ToDictionary(pair => pair.Key, pair => pair.Value) ?? [];
                var (clicks, conversions) = (answered.Count(answer => answer.Action == InteractionType.Click), answered.Count(answer => answer.Action == InteractionType.Conversion));
                var billable = item?.Ad?.Bid.Per switch { BidUnit.Thousand => true, BidUnit.Click => clicks > 0, BidUnit.Conversion => conversions > 0, _ => false };
                rows.Add([
                    page.Id.Value, (long)ordinal, SqlDay(day), item is null ? "unknown" : item.Ad is null ? "content" : "ad", item?.Category, item?.Author,
                    items[shown.Item].FirstOrDefault()?.Time, item?.Ad?.Advertiser.Value,
                    attributes.GetValueOrDefault("segment") ?? attributes.GetValueOrDefault("country") ?? "unknown",
                    (long)clicks, (long)conversions, answered.Where(answer => answer.Action == InteractionType.Conversion).Sum(answer => answer.ValueMicros), billable ? 1L : 0L,
                    billable ? shown.PriceMicros * (item!.Ad!.Bid.Per == BidUnit.Thousand ? 1 : 1_000) : 0L,
                ]);
            }
        return [.. rows.OrderBy(row => (string)row[0]!, StringComparer.Ordinal).ThenBy(row => (long)row[1]!)];
    }

    public static DateOnly SqlDay(int dayIndex) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(dayIndex));

    private void Show(RequestId request)
    {
        var (user, time) = (User(), Time());
        // Again on the same page, a few days later, long after.
        for (var showings = 1 + _random.Next(3); showings > 0; showings--)
        {
            var items = Enumerable.Range(0, ItemCount).ToArray();
            _random.Shuffle(items);
            var shown = items.Take(4).Select((item, at) => new ShownItem(new($"i{item}"), at + 1, null, 1_000 + _random.Next(5_000))).ToArray();
            Events.Add(new Impression(Id("p"), time, request, user, "home", shown));
            foreach (var place in shown)
                for (var answers = _random.Next(3); answers > 0; answers--)
                    Events.Add(new Interaction(Id("n"), time.Plus(TimeSpan.FromHours(_random.Next(24 * 6))), _random.Next(8) == 0 ? null : request, user, place.Item,
                        _random.Next(2) == 0 ? InteractionType.Click : InteractionType.Conversion, _random.Next(1_000), 0));
            time = time.Plus(TimeSpan.FromHours(_random.Next(3) == 0 ? 0 : _random.Next(24 * 8)));
        }
    }

    private static Item ItemOf(Random random, int n) => new()
    {
        Id = new($"i{n}"),
        Title = $"Item {n}",
        Category = $"c{random.Next(3)}",
        Author = $"a{random.Next(3)}",
        Ad = n % 3 == 0 ? null : new Ad(new($"adv-{random.Next(3)}"), new ItemId($"i{random.Next(ItemCount)}"), new((BidUnit)(1 + random.Next(3)), 10_000), 1_000_000, []),
    };

    private Item ItemOf(int n) => ItemOf(_random, n);

    // Ids in no order of time.
    private EventId Id(string kind) => new($"{kind}{_random.Next(int.MaxValue):x8}");

    private UserId User() => new($"u{_random.Next(UserCount)}");

    // On few hours, so that times meet.
    private Timestamp Time() => Start.Plus(TimeSpan.FromHours(_random.Next(Days * 8) * 3));
}
