using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Ingest.Tests;

/// <summary>Events for tests, a function of their number.</summary>
internal static class Some
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Test time-out of a wait that takes well under a second when nothing is wrong.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Fact Fact(int number)
    {
        var time = Start.Plus(TimeSpan.FromMinutes(number));
        var id = new EventId($"e{number}");
        var user = new UserId($"u{number % 97}");
        var item = new ItemId($"i{number % 31}");
        Event source = (number % 10) switch
        {
            0 => new ItemUpserted(id, time, new Item { Id = item, Title = $"Item {number}", Tags = ["a", "b"] }),
            1 => new UserUpserted(id, time, user, new AttributeSet([KeyValuePair.Create("country", "Norway")])),
            2 or 3 or 4 => new Impression(id, time, new RequestId($"r{number}"), user, "home", [new ShownItem(item, 1, 0.5, 0)]),
            _ => new Interaction(id, time, null, user, item, InteractionType.Click, 0, 0),
        };
        return new Fact(source, time.Plus(TimeSpan.FromSeconds(5)));
    }

    public static IReadOnlyList<Fact> Facts(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(Fact)];

    /// <summary>The facts, each <paramref name="times"/> times, in a seeded random order.</summary>
    public static IReadOnlyList<Fact> Shuffled(this IReadOnlyList<Fact> facts, int seed, int times = 1)
    {
        var all = Enumerable.Repeat(facts, times).SelectMany(copy => copy).ToArray();
        new Random(seed).Shuffle(all);
        return all;
    }

    /// <summary>Wire form and known time, by event id: what is compared, since records with lists compare by reference.</summary>
    public static SortedDictionary<string, string> Digest(this IEnumerable<Fact> facts) =>
        new(facts.ToDictionary(fact => fact.Event.Id.Value, fact => $"{Encoding.UTF8.GetString(EventCodec.Write(fact.Event))} known {fact.Known}"), StringComparer.Ordinal);
}
