using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Storage.Tests;

/// <summary>Builders: an event with what a test says of it and plain values for the rest.</summary>
internal static class An
{
    public static readonly Timestamp Time = Timestamp.From(new DateTimeOffset(2011, 11, 5, 10, 0, 0, TimeSpan.Zero));

    public static readonly StreamPartition Partition = new("recs.events", 0);

    public static Fact Interaction(string id, Timestamp? time = null, Timestamp? known = null, string? request = null,
        InteractionType action = InteractionType.Click, long value = 0, long dwell = 0, string user = "u1", string item = "i1") =>
        new(new Interaction(new(id), time ?? Time, request is null ? null : new RequestId(request), new(user), new(item), action, value, dwell), known ?? time ?? Time);

    public static Fact Impression(string id, int items = 3, Timestamp? time = null, string request = "r1") =>
        new(new Impression(new(id), time ?? Time, new(request), new("u1"), "home",
            [.. Enumerable.Range(0, items).Select(k => new ShownItem(new($"i{items - k}"), k + 1, k % 2 == 0 ? 1.0 / (k + 3) : null, 1_000 * k))]), time ?? Time);

    public static Fact User(string id, string user = "u1") =>
        new(new UserUpserted(new(id), Time, new(user), new AttributeSet([new("country", "United Kingdom"), new("age", "42")])), Time);

    public static Fact Item(string id, string title = "White heart", Ad? ad = null) => new(new ItemUpserted(new(id), Time, new Item
    {
        Id = new("i1"),
        Title = title,
        Body = "of wood",
        Category = "home",
        Tags = ["heart", "t-light"],
        Attributes = new AttributeSet([new("price_gbp", "2.55")]),
        Ad = ad,
    }), Time);

    public static DeadLetter DeadLetter(long offset, string detail = "no JSON") =>
        new(Partition, offset, new(RejectionReason.NotJson, detail), [0, 1, 255, 34], Time);

    /// <summary>A batch without offsets.</summary>
    public static AppendBatch Batch(params Fact[] facts) => new(facts, [], []);

    public static OffsetMove Move(long from, long to, string group = "g") => new(group, Partition, from, to);

    /// <summary>A fact as text, equal when every part of it is.</summary>
    public static string Text(Fact fact) => $"{fact.Known.Milliseconds} {System.Text.Encoding.UTF8.GetString(EventCodec.Write(fact.Event))}";
}
