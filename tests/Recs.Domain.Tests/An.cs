using System.Text;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests;

/// <summary>Builders of valid events with everything drawn, and their text for comparisons (lists have no equality of their own).</summary>
internal static class An
{
    /// <summary>A clock of the tests; drawn event times lie before it.</summary>
    public static readonly Timestamp Latest = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly string[] Letters =
        ["a", "Z", "0", " ", "é", "ß", "中", "🎁", "👩‍👩‍👧", "\"", "\\", "/", "\n", "\t", "\u0001", "\u2028", "<", "&", "'", "{", "\u007f", "\ufffd", "\ufeff"];

    public static Event Event(Random random) => random.Next(4) switch
    {
        0 => new ItemUpserted(new(Text(random, 1, 20)), Time(random), Item(random)),
        1 => new UserUpserted(new(Text(random, 1, 20)), Time(random), new(Text(random, 1, 20)), Attributes(random)),
        2 => new Impression(new(Text(random, 1, 20)), Time(random), new(Text(random, 1, 20)), new(Text(random, 1, 20)), Text(random, 0, 10), Shown(random)),
        _ => new Interaction(new(Text(random, 1, 20)), Time(random), random.Next(2) == 0 ? null : new RequestId(Text(random, 1, 20)), new(Text(random, 1, 20)),
            new(Text(random, 1, 20)), (InteractionType)random.Next(1, 9), random.NextInt64(0, EventLimits.Micros + 1), random.NextInt64(0, EventLimits.DwellMilliseconds + 1)),
    };

    public static string Text(Random random, int least, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => Letters[random.Next(Letters.Length)]));

    /// <summary>Every part of an event as text: equal exactly when the events are.</summary>
    public static string Describe(Event? source) => source switch
    {
        null => "null",
        ItemUpserted item => $"{item.Id}|{item.Time.Milliseconds}|{Describe(item.Item)}",
        UserUpserted user => $"{user.Id}|{user.Time.Milliseconds}|{user.User}|{string.Join(';', user.Attributes)}",
        Impression shown => $"{shown.Id}|{shown.Time.Milliseconds}|{shown.Request}|{shown.User}|{shown.Surface}|{string.Join(';', shown.Items)}",
        _ => source.ToString()!,
    };

    public static Event? Parse(string json) => EventCodec.Parse(Encoding.UTF8.GetBytes(json), Latest, out _);

    public static Rejection Rejection(ReadOnlySpan<byte> message)
    {
        var source = EventCodec.Parse(message, Latest, out var rejection);
        Assert.Null(source);
        return rejection ?? throw new InvalidOperationException("neither an event nor a rejection");
    }

    private static string Describe(Item item) => string.Join('|', item.Id, item.Title, item.Body, item.Category, item.Author, string.Join(';', item.Tags),
        string.Join(';', item.Attributes), item.Status, item.Created?.Milliseconds, item.Kind, item.Ad?.Advertiser, item.Ad?.Promotes, item.Ad?.Bid,
        item.Ad?.DailyBudgetMicros, item.Ad is null ? "" : string.Join('/', string.Join(';', item.Ad.Countries), string.Join(';', item.Ad.Surfaces), string.Join(';', item.Ad.Categories),
            string.Join(';', item.Ad.Hours), item.Ad.Starts, item.Ad.Ends, item.Ad.UserDailyCap));

    private static Item Item(Random random) => new()
    {
        Id = new(Text(random, 1, 20)),
        // Now and then a title at its limit; astral letters take two characters each, so it is cut from plain ones.
        Title = random.Next(50) == 0 ? new string('é', EventLimits.TextLength) : Text(random, 0, 60),
        Body = Text(random, 0, 60),
        Category = Text(random, 0, 10),
        Author = Text(random, 0, 10),
        Tags = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Text(random, 0, 10))],
        Attributes = Attributes(random),
        Status = (ItemStatus)random.Next(1, 4),
        Created = random.Next(2) == 0 ? null : Time(random),
        Ad = random.Next(2) == 0 ? null : new Ad(new(Text(random, 1, 10)), random.Next(2) == 0 ? null : new ItemId(Text(random, 1, 10)),
            new Bid((BidUnit)random.Next(1, 4), random.NextInt64(0, EventLimits.Micros + 1)), random.NextInt64(0, EventLimits.Micros + 1),
            Names(random))
        {
            Surfaces = Names(random),
            Categories = Names(random),
            Hours = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(24))],
            Starts = random.Next(2) == 0 ? null : Time(random),
            Ends = random.Next(2) == 0 ? null : Time(random),
            UserDailyCap = random.Next(2) == 0 ? null : random.Next(1, 100),
        },
    };

    private static string[] Names(Random random) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random, 1, 10))];

    private static AttributeSet Attributes(Random random) => new(Enumerable.Range(0, random.Next(5)).Select(i =>
        KeyValuePair.Create($"{i}{Text(random, 0, 10)}", random.Next(7) switch
        {
            0 => random.Next(-1_000, 1_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
            1 => (random.NextDouble() * 1e6).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            2 => "1E+400",
            3 => random.Next(2) == 0 ? "true" : "false",
            // Looks like a number and is none in JSON, or is too long to be written as one.
            4 => random.Next(2) == 0 ? "007" : "-",
            5 => new string('9', 60),
            _ => Text(random, 0, 30),
        })));

    private static ShownItem[] Shown(Random random) => [.. Enumerable.Range(0, random.Next(1, 8)).Select(i => new ShownItem(
        new($"{i}{Text(random, 0, 10)}"), random.Next(1, EventLimits.ListLength + 1), random.Next(2) == 0 ? null : 1 - random.NextDouble(), random.Next(3) * 1_000L))];

    // Whole seconds in one of two cases.
    private static Timestamp Time(Random random)
    {
        var time = random.NextInt64(0, Latest.Milliseconds + 1);
        return new(random.Next(2) == 0 ? time : time / 1_000 * 1_000);
    }
}
