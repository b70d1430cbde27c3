using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Storage;

namespace Recs.Pipelines.Tests.State;

/// <summary>A store of a few events, filled without a stream.</summary>
internal static class SmallStore
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2011, 11, 5, 10, 0, 0, TimeSpan.Zero));

    /// <summary>Two items, a user, impressions and clicks over three days.</summary>
    public static List<Fact> Facts()
    {
        List<Fact> facts = [];
        void Add(Event source) => facts.Add(new(source, source.Time));
        for (var n = 1; n <= 2; n++)
            Add(new ItemUpserted(new($"item-{n}"), Start, new Item { Id = new($"i{n}"), Title = $"Heart {n}", Attributes = new AttributeSet([new("price_gbp", "2.55")]) }));
        Add(new UserUpserted(new("user-1"), Start, new("u1"), new AttributeSet([new("country", "France")])));
        for (var n = 0; n < 30; n++)
        {
            var time = Start.Plus(TimeSpan.FromHours(2 * n + 1));
            Add(new Impression(new($"shown-{n}"), time, new($"r{n}"), new($"u{n % 3}"), "home", [new(new("i1"), 1, 0.5, 0), new(new("i2"), 2, null, 0)]));
            Add(new Interaction(new($"click-{n}"), time.Plus(TimeSpan.FromSeconds(3)), new RequestId($"r{n}"), new($"u{n % 3}"), new($"i{n % 2 + 1}"), InteractionType.Click, 0, 0));
        }
        return facts;
    }

    /// <summary>Makes a store of <paramref name="batches"/>, one transaction each.</summary>
    /// <returns>Its URL.</returns>
    public static string Make(string file, params IReadOnlyList<Fact>[] batches)
    {
        using var store = EventStore.Open("duckdb:" + file);
        store.Migrate();
        var next = 0L;
        foreach (var batch in batches)
        {
            store.Append(new(batch, [], [new("recs-ingest", new("recs.events", 3), next, next + batch.Count)]));
            next += batch.Count;
        }
        return "duckdb:" + file;
    }

    /// <summary>Adds refused messages.</summary>
    public static void Refuse(string url, params (string Detail, byte[] Raw)[] messages)
    {
        using var store = EventStore.Open(url);
        store.Append(new([], [.. messages.Select((message, n) => new DeadLetter(new("recs.events", 7), 40 + n, new(RejectionReason.NotJson, message.Detail), message.Raw, Start))], []));
    }
}
