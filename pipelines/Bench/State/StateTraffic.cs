using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Bench.State;

/// <summary>
/// A made-up log of so many users and items in time order: every item once, then request after request an impression of ten items and two interactions, spread over 90 days,
/// until every user has had so many interactions. Users come in turn; items are drawn with a bias to the popular.
/// </summary>
/// <param name="users">At least 1.</param>
/// <param name="items">At least 10.</param>
/// <param name="interactions">Of each user, an even number.</param>
internal sealed class StateTraffic(int users, int items, int interactions)
{
    private const int Shown = 10, Days = 90;
    private static readonly Timestamp Begin = Timestamp.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly InteractionType[] Actions = [InteractionType.Click, InteractionType.Click, InteractionType.Click, InteractionType.Like, InteractionType.Dwell, InteractionType.Conversion, InteractionType.Hide];

    /// <summary>Events in all.</summary>
    public long Count => items + (long)users * (interactions / 2) * 3;

    /// <summary>When the last of them happened, at most.</summary>
    public static Timestamp End => Begin.Plus(TimeSpan.FromDays(Days));

    /// <summary>The events; the ids of users and items are made once and shared, as ingest's readers share them.</summary>
    public IEnumerable<Event> Events()
    {
        var random = new Random(1);
        var (userIds, itemIds) = (Ids("user", users), Ids("item", items));
        for (var item = 0; item < items; item++)
            yield return new ItemUpserted(new("i" + itemIds[item]), Begin, new Item
            {
                Id = new(itemIds[item]), Title = "A title of some words", Category = "category-" + item % 50, Author = "author-" + item % 700, Tags = ["tag-" + item % 90],
                Attributes = new AttributeSet([new("price", (item % 97 + 0.5).ToString(CultureInfo.InvariantCulture))]),
            });
        var requests = (long)users * (interactions / 2);
        for (var request = 0L; request < requests; request++)
        {
            var time = Begin.Plus(TimeSpan.FromDays((double)Days * request / requests));
            var user = new UserId(userIds[request % users]);
            var id = new RequestId(string.Create(CultureInfo.InvariantCulture, $"r{request:x16}"));
            var shown = new ShownItem[Shown];
            var first = (int)(Math.Pow(random.NextDouble(), 3) * items);
            for (var at = 0; at < Shown; at++) shown[at] = new(new(itemIds[(int)((first + at * 1_999L) % items)]), at + 1, 1.0 / (at + 2), 0);
            yield return new Impression(new(string.Create(CultureInfo.InvariantCulture, $"{request:x16}0000000a")), time, id, user, "home", shown);
            for (var answer = 0; answer < 2; answer++)
            {
                var action = Actions[random.Next(Actions.Length)];
                yield return new Interaction(new(string.Create(CultureInfo.InvariantCulture, $"{request:x16}0000000{answer}")), time, id, user, shown[random.Next(Shown)].Item, action,
                    action == InteractionType.Conversion ? 5_000_000 : 0, action == InteractionType.Dwell ? 4_000 : 0);
            }
        }
    }

    private static string[] Ids(string kind, int count) => [.. Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}"))];
}
