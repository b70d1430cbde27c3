using System.Text;
using Recs.Domain;
using Recs.Domain.Wire;

namespace Recs.Ingest.Tests;

public sealed class GarbageTests
{
    private const string Click = """{"type":"interaction","event_id":"g1","schema":1,"time":"2024-03-01T00:00:00Z","user":"u","item":"i","action":"click"}""";

    private static readonly (string Name, byte[] Bytes, RejectionReason Reason)[] Known =
    [
        ("empty", [], RejectionReason.NotJson),
        ("null", "null"u8.ToArray(), RejectionReason.NotJson),
        ("a number", "17"u8.ToArray(), RejectionReason.NotJson),
        ("deep", Encoding.UTF8.GetBytes(new string('[', 100_000)), RejectionReason.NotJson),
        ("deep in a field", Text("\"item\":\"i\"", "\"attributes\":{\"a\":" + new string('[', 50) + new string(']', 50) + "}"), RejectionReason.NotJson),
        ("truncated JSON", Encoding.UTF8.GetBytes(Click[..50]), RejectionReason.NotJson),
        ("truncated UTF-8", [.. Encoding.UTF8.GetBytes(Click.Replace("\"u\"", "\"é", StringComparison.Ordinal))[..^70], 0xC3], RejectionReason.NotJson),
        ("invalid UTF-8 in an id", [.. "{\"type\":\"interaction\",\"event_id\":\""u8, 0xFF, 0xFE, .. "\"}"u8], RejectionReason.NotJson),
        ("lone surrogate", Text("\"user\":\"u\"", "\"user\":\"\\ud800\""), RejectionReason.NotJson),
        ("lone surrogate in an attribute", Encoding.UTF8.GetBytes("""{"type":"user","event_id":"g","schema":1,"time":"2024-03-01T00:00:00Z","user":"u","attributes":{"a":"\udc00"}}"""), RejectionReason.NotJson),
        ("wrong type", Text("\"user\":\"u\"", "\"user\":{\"id\":1}"), RejectionReason.NotJson),
        ("NaN", Text("\"action\":\"click\"", "\"action\":\"dwell\",\"dwell_ms\":NaN"), RejectionReason.NotJson),
        ("number too large", Text("\"action\":\"click\"", "\"action\":\"dwell\",\"dwell_ms\":1e99"), RejectionReason.NotJson),
        ("too large", Encoding.UTF8.GetBytes(Click + new string(' ', EventLimits.MessageBytes)), RejectionReason.TooLarge),
        ("unknown type", Text("interaction", "purchase"), RejectionReason.UnknownType),
        ("unknown schema", Text("\"schema\":1", "\"schema\":2"), RejectionReason.UnknownSchema),
        ("empty event id", Text("\"g1\"", "\"\""), RejectionReason.MissingField),
        ("empty user", Text("\"user\":\"u\"", "\"user\":\"\""), RejectionReason.MissingField),
        ("no item", Text("\"item\":\"i\",", ""), RejectionReason.MissingField),
        ("negative dwell", Text("\"action\":\"click\"", "\"action\":\"dwell\",\"dwell_ms\":-1"), RejectionReason.InvalidValue),
        ("unknown action", Text("click", "stare"), RejectionReason.InvalidValue),
        ("before 1970", Text("2024", "1924"), RejectionReason.InvalidValue),
        ("not a time", Text("2024-03-01T00:00:00Z", "yesterday"), RejectionReason.InvalidValue),
        ("U+0000", Text("\"u\"", "\"u\\u0000\""), RejectionReason.InvalidValue),
        ("far ahead", Text("2024", "2924"), RejectionReason.FutureTime),
    ];

    [Fact]
    public async Task Garbage_BetweenEvents_IsDeadLetteredWithItsReasonAndNothingElseIsLost()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var random = new Random(11);
        var facts = Some.Facts(500);
        var messages = facts.Select(producer.ToRaw)
            .Concat(Known.Select(garbage => new RawMessage("recs.events", $"u{random.Next(50)}", garbage.Bytes, Some.Start)))
            .Concat(Enumerable.Range(0, 200).Select(_ => new RawMessage(random.Next(2) == 0 ? "recs.events" : "recs.items", null, Noise(random), Some.Start)))
            .Append(new RawMessage("recs.items", "i1", null, Some.Start))
            .ToArray();
        random.Shuffle(messages);
        producer.Publish(messages);
        using var store = new MemoryEventStore();
        await new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);

        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());
        Assert.Equal(Known.Length + 201, store.DeadLetters.Count);
        Assert.Equal(store.DeadLetters.Count, store.DeadLetters.Select(letter => (letter.Partition, letter.Offset)).Distinct().Count());
        foreach (var (name, bytes, reason) in Known.Where(garbage => garbage.Bytes.Length > 0))
        {
            var letter = Assert.Single(store.DeadLetters, letter => letter.Raw.AsSpan().SequenceEqual(bytes));
            Assert.True(letter.Rejection.Reason == reason, $"{name}: {letter.Rejection}");
            Assert.Equal(Some.Start, letter.Known);
        }
    }

    [Fact]
    public async Task KafkaTimestamp_ThatNoClockCanHaveShown_IsKnownFromNowOn()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        producer.Publish([Some.Fact(7) with { Known = new Timestamp(long.MaxValue / 2) }]);
        using var store = new MemoryEventStore();
        var before = Timestamp.Now(TimeProvider.System);
        await new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        var fact = Assert.Single(store.Facts.Values);
        Assert.InRange(fact.Known.Milliseconds, before.Milliseconds, Timestamp.Now(TimeProvider.System).Milliseconds);
    }

    [Fact]
    public async Task SchemaRegistryFrame_BeforeAnEvent_IsSkipped()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        await producer.PublishAsync(new RawMessage("recs.events", "u", [0, 0, 0, 0, 9, .. Encoding.UTF8.GetBytes(Click)], Some.Start));
        using var store = new MemoryEventStore();
        await new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal("g1", Assert.Single(store.Facts.Keys).Value);
    }

    private static byte[] Text(string old, string now) =>
        Click.Contains(old, StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(Click.Replace(old, now, StringComparison.Ordinal)) : throw new ArgumentException(old);

    // Random bytes, or an event with some of its bytes changed so that it cannot be JSON any more.
    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(1, 300)];
        random.NextBytes(noise);
        if (random.Next(2) == 0) noise = [.. Encoding.UTF8.GetBytes(Click)[..random.Next(1, Click.Length)], .. noise];
        return noise;
    }
}
