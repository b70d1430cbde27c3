using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Embedding;

namespace Recs.Ranker.Tests.Training;

/// <summary>A seeded log of a feed over some weeks, with late facts, ties in time and ads, and rows for trainers.</summary>
internal static class SmallLog
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static Timestamp Day(double days) => Start.Plus(TimeSpan.FromDays(days));

    public static List<Fact> Make(Random random, int impressions, int items = 40, int users = 8, int days = 40)
    {
        List<Fact> facts = [];
        void Add(Event source, double hoursLate = 0) => facts.Add(new(source, source.Time.Plus(TimeSpan.FromHours(hoursLate))));
        for (var i = 0; i < items; i++)
        {
            // Ads come late in the list, and some items weeks after the first.
            var listed = Day(i % 3 == 0 ? random.NextDouble() * days : 0);
            Add(new ItemUpserted(new($"item-{i}"), listed, new Item
            {
                Id = new($"i{i:00}"),
                Title = $"Item {i}",
                Category = $"c{i % 4}",
                Attributes = new([new("price", $"{i + 1}")]),
                Ad = i % 10 == 9 ? new Ad(new("adv"), i % 20 == 9 ? new ItemId("i00") : null, new Bid(BidUnit.Click, 1_000), 1_000_000, []) : null,
            }));
        }
        for (var n = 0; n < impressions; n++)
        {
            // Whole hours: several impressions fall on the same moment, and some are learnt of late.
            var time = Day(random.Next(days * 24) / 24.0);
            var user = new UserId($"u{random.Next(users)}");
            var shown = Enumerable.Range(0, items).OrderBy(_ => random.Next()).Take(6).Select((i, at) => new ShownItem(new($"i{i:00}"), at + 1, null, 0)).ToArray();
            Add(new Impression(new($"show-{n}"), time, new($"r{n}"), user, "home", shown), random.Next(6) == 0 ? random.Next(60) : 0);
            foreach (var place in shown)
                if (random.NextDouble() < 0.08 + 0.3 * (int.Parse(place.Item.Value[1..], null) % 7 == 0 ? 1 : 0))
                    Add(new Interaction(new($"act-{n}-{place.Item}"), time.Plus(TimeSpan.FromSeconds(1)), random.Next(5) == 0 ? null : new RequestId($"r{n}"), user, place.Item,
                        random.Next(4) == 0 ? InteractionType.Hide : InteractionType.Click, 0, 0), random.Next(6) == 0 ? random.Next(60) : 0);
        }
        return InOrder(facts);
    }

    public static List<Fact> InOrder(IEnumerable<Fact> facts) => [.. facts.OrderBy(fact => fact.Known.Milliseconds)
        .ThenBy(fact => fact.Event.Time.Milliseconds).ThenBy(fact => fact.Event.Id.Value, StringComparer.Ordinal)];

    public static ItemVectors Vectors(Random random, int items) => new([.. Enumerable.Range(0, items).Where(i => i % 8 != 3).Select(i =>
    {
        var vector = Enumerable.Range(0, 6).Select(_ => random.NextSingle() * 2 - 1).ToArray();
        var norm = MathF.Sqrt(vector.Sum(x => x * x));
        return new ItemEmbedding(new($"i{i:00}"), "v1", "", [.. vector.Select(x => x / norm)]);
    })]);
}
