using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Tests.Train;

/// <summary>A feed of some weeks in which a few items are much better than others: something a head can learn in a second.</summary>
internal static class SmallFeed
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));

    public static List<Fact> Facts(int seed, int impressions = 900)
    {
        var random = new Random(seed);
        List<Fact> facts = [];
        void Add(Event source) => facts.Add(new(source, source.Time));
        for (var n = 0; n < 20; n++) Add(new ItemUpserted(new($"item-{n}"), Start, new Item { Id = new($"i{n}"), Title = $"Thing {n}" }));
        for (var n = 0; n < impressions; n++)
        {
            var time = Start.Plus(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(40 * n));
            var (request, user) = (new RequestId($"r{n}"), new UserId($"u{random.Next(25)}"));
            var items = Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(4).ToArray();
            Add(new Impression(new($"shown-{n}"), time, request, user, "home", [.. items.Select((item, at) => new ShownItem(new($"i{item}"), at + 1, 0.2 + item % 3 * 0.1, 0))]));
            foreach (var item in items)
            {
                if (random.NextDouble() < (item < 5 ? 0.6 : 0.05))
                    Add(new Interaction(new($"click-{n}-{item}"), time.Plus(TimeSpan.FromSeconds(2)), request, user, new($"i{item}"), InteractionType.Click, 0, 0));
                if (item % 2 == 0)
                    Add(new Interaction(new($"dwell-{n}-{item}"), time.Plus(TimeSpan.FromSeconds(9)), request, user, new($"i{item}"), InteractionType.Dwell, 0, item < 5 ? 20_000 : 3_000));
            }
        }
        return facts;
    }
}
