using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.State;

namespace Recs.Features.Tests;

/// <summary>Builders: an event with what a test says of it and plain values for the rest; and random logs.</summary>
internal static class An
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static Timestamp Day(double days) => Start.Plus(TimeSpan.FromDays(days));

    public static Interaction Interaction(string id, Timestamp time, string item = "i0", string user = "u0", InteractionType action = InteractionType.Click, long value = 0, long dwell = 0) =>
        new(new(id), time, null, new(user), new(item), action, value, dwell);

    public static Impression Impression(string id, Timestamp time, string user, params string[] items) =>
        new(new(id), time, new("r-" + id), new(user), "home", [.. items.Select((item, i) => new ShownItem(new(item), i + 1, null, 0))]);

    public static ItemUpserted Item(string id, Timestamp time, string item = "i0", string title = "", string? price = null, string category = "", string author = "",
        string[]? tags = null, string? promotes = null, bool ad = false, Timestamp? created = null) => new(new(id), time, new Item
        {
            Id = new(item),
            Title = title,
            Category = category,
            Author = author,
            Tags = tags ?? [],
            Attributes = price is null ? AttributeSet.Empty : new([new("price_gbp", price)]),
            Created = created,
            Ad = ad || promotes is not null ? new Ad(new("adv"), promotes is null ? null : new ItemId(promotes), new Bid(BidUnit.Click, 1_000), 1_000_000, []) : null,
        });

    public static UserUpserted User(string id, Timestamp time, string user = "u0", string country = "United Kingdom") =>
        new(new(id), time, new(user), new([new("country", country), new("age", $"{18 + Math.Abs(time.HourIndex % 60)}")]));

    public static ItemEmbedding Vector(string item, params float[] vector)
    {
        var norm = MathF.Sqrt(vector.Sum(x => x * x));
        return new(new(item), "v1", "", norm == 0 ? vector : [.. vector.Select(x => x / norm)]);
    }

    /// <summary>Unit vectors of random directions for items i0 …, with signatures of two layers.</summary>
    public static List<ItemEmbedding> Vectors(Random random, int items, int dimensions = 8) =>
        [.. Enumerable.Range(0, items).Select(i => Vector($"i{i}", [.. Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() * 2 - 1)]) with { Signature = $"{i % 3}-{i % 2}" })];

    /// <summary>
    /// A log of all four types over 200 days: more than any window of tiles. Times are whole minutes of a few days, so that many tie,
    /// and every eighth event repeats the time of the one before.
    /// </summary>
    public static List<Event> Log(Random random, int events, int items = 25, int users = 8)
    {
        List<Event> log = [];
        var time = Start;
        for (var i = 0; i < events; i++)
        {
            if (i % 8 != 0) time = Start.Plus(TimeSpan.FromMinutes(random.Next(200 * 24 * 60)));
            var (id, item, user) = ($"e{random.Next(1_000_000):000000}-{i}", $"i{random.Next(items)}", $"u{random.Next(users)}");
            log.Add(random.Next(10) switch
            {
                0 => Item(id, time, item, $"Title {i}", random.Next(3) == 0 ? null : $"{random.Next(1, 2_000) / 100.0}", $"c{random.Next(4)}", $"a{random.Next(5)}",
                    [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"t{random.Next(6)}")], random.Next(6) == 0 ? $"i{random.Next(items)}" : null, ad: false,
                    random.Next(3) == 0 ? Day(random.Next(-50, 200)) : null),
                1 => User(id, time, user, $"Country {random.Next(12)}"),
                2 or 3 => Impression(id, time, user, [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"i{random.Next(items)}").Distinct()]),
                _ => Interaction(id, time, item, user, (InteractionType)random.Next(1, InteractionTypes.Count), random.Next(5_000_000), random.Next(60_000)),
            });
        }
        return log;
    }

    public static RankingState State(IEnumerable<Event> events)
    {
        var state = new RankingState();
        foreach (var source in events) state.Apply(source);
        return state;
    }

    /// <summary>The digest of events, and of the state folded from <paramref name="folded"/> (the same events unless told otherwise).</summary>
    public static string Digest(IReadOnlyList<Event> events, IReadOnlyList<Event>? folded = null)
    {
        var tally = new EventTally();
        foreach (var source in events) tally.Add(source);
        return StateDigest.Compute(State(folded ?? events), tally);
    }

    public static T[] Shuffled<T>(Random random, IEnumerable<T> values)
    {
        var shuffled = values.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    public static float[] Row(FeatureReader reader, string user, Timestamp now, string item)
    {
        var row = new float[FeatureSchema.Standard.Width];
        reader.Begin(new(user), now);
        reader.Read(new(item), row);
        return row;
    }

    public static float Column(float[] row, string name) => row[FeatureSchema.Standard.Columns.ToList().IndexOf(name)];
}
