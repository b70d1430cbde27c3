using System.Text;
using Confluent.Kafka;
using Recs.Domain.Wire;
using Recs.Tests;

namespace Recs.Ingest.Tests;

/// <summary>What strangers may send, through the brokers into real databases: each message is a fact or a dead letter, and the partition goes on.</summary>
public sealed class BadInputTests
{
    private const string Click = """{"type":"interaction","event_id":"g1","schema":1,"time":"2024-03-01T00:00:00Z","request_id":"r","user":"u","item":"i","action":"click"}""";
    private const string Shown = """{"type":"impression","event_id":"g2","schema":1,"time":"2024-03-01T00:00:00Z","request_id":"r","user":"u","surface":"home","items":[{"item":"i"}]}""";
    private const string User = """{"type":"user","event_id":"g3","schema":1,"time":"2024-03-01T00:00:00Z","user":"u","attributes":{"a":"b"}}""";
    private const string Item = """
        {"type":"item","event_id":"g4","schema":1,"time":"2024-03-01T00:00:00Z","item":"i","kind":"ad","title":"t","body":"o","category":"c","author":"w","tags":["g"],"attributes":{"a":"b"},
        "status":"active","advertiser":"v","promotes":"p","bid":{"per":"click","micros":1},"daily_budget_micros":1,"targeting":{"countries":["n"]}}
        """;

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public async Task Ingest_WhatStrangersSend_EachIsAFactOrADeadLetterAndNothingStops(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        using var broker = new EmbeddedBroker(eventPartitions: 2);
        using var producer = Producer(broker.Connection);
        var random = new Random(3);
        var good = Some.Facts(300);
        using (var events = new EventProducer(broker.Connection))
        {
            events.Publish(good.Take(100));
            foreach (var message in Refused(random).Concat(Accepted().Select(text => Value(text)))) producer.Produce(Topic(random), message);
            producer.Flush(Some.Patience);
            events.Publish(good.Skip(100).Take(100));
            // Whole events with some of their bytes changed: whatever comes of each, it is one or the other.
            foreach (var message in Noise(random, 2_000)) producer.Produce(Topic(random), message);
            producer.Flush(Some.Patience);
            events.Publish(good.Skip(200));
        }
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { Group = engine });
        var progress = await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);

        var counts = store.Count();
        Assert.Equal(300 + Refused(random).Count() + Accepted().Length + 2_000, progress.Consumed);
        Assert.Equal(progress.Consumed, counts.Items + counts.Users + counts.Impressions + counts.Interactions + counts.Duplicates + counts.DeadLetters + counts.Late);
        var stored = store.Read(engine).Facts.ToLookup(fact => fact.Event.Id.Value);
        Assert.All(good, fact => Assert.Single(stored[fact.Event.Id.Value]));
        Assert.All(Accepted(), text => Assert.True(stored.Contains(System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("event_id").GetString()!), text));
        Assert.True(counts.DeadLetters >= Refused(random).Count(), $"{counts.DeadLetters} dead letters");
        Assert.Equal(progress.Consumed, store.Offsets(engine).Values.Sum());
        // Read again by another group: the same letters, each once.
        await new EventConsumer(broker.Connection, store, new IngestOptions { Group = "again" }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(counts.DeadLetters, store.Count().DeadLetters);
    }

    [Fact]
    public async Task Copies_OfDeadLetters_CarryBytesPlaceAndReason()
    {
        using var broker = new EmbeddedBroker();
        using var store = new MemoryEventStore();
        using (var producer = Producer(broker.Connection)) await producer.ProduceAsync("recs.events", new() { Key = [1, 0], Value = "{"u8.ToArray() });
        await new EventConsumer(broker.Connection, store, new IngestOptions { CopyDeadLetters = true }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        using var reader = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = broker.Connection.BootstrapServers, GroupId = "copies" }).Build();
        reader.Assign(new TopicPartitionOffset("recs.dead-letters", 0, 0));
        var copy = reader.Consume(Some.Patience);
        Assert.Equal("{"u8, copy.Message.Value);
        Assert.Equal([1, 0], copy.Message.Key);
        var letter = Assert.Single(store.DeadLetters);
        Assert.Equal([1, 0], letter.Key);
        Assert.Equal(("recs.events", $"{letter.Partition.Partition}", "0", "NotJson"), (Header("recs-topic"), Header("recs-partition"), Header("recs-offset"), Header("recs-reason")));
        string Header(string name) => Encoding.UTF8.GetString(copy.Message.Headers.GetLastBytes(name));
    }

    [Theory]
    [InlineData(9, 1, null)]
    [InlineData(9, 2, RejectionReason.UnknownSchema)]
    [InlineData(int.MaxValue, 1, null)]
    [InlineData(-1, 1, RejectionReason.NotJson)] // no schema id is negative: not a frame
    public void SchemaRegistryFrame_AnyId_IsSkippedAndTheVersionWithinDecides(int id, int schema, RejectionReason? reason)
    {
        byte[] frame = [0, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, .. Encoding.UTF8.GetBytes(Click.Replace("\"schema\":1", $"\"schema\":{schema}", StringComparison.Ordinal))];
        EventCodec.Parse(frame, Some.Start, out var rejection);
        Assert.Equal(reason, rejection?.Reason);
    }

    private static IEnumerable<Message<byte[]?, byte[]?>> Refused(Random random)
    {
        var noise = new byte[64 << 10];
        random.NextBytes(noise);
        noise[0] = 0xff;
        yield return new() { Key = [9], Value = noise };
        yield return Value(Click + new string(' ', 10 << 20));
        yield return Value(string.Concat(Enumerable.Repeat("{\"a\":", 1_000)) + "1" + new string('}', 1_000));
        yield return Value(Click.Replace("\"u\"", new string('[', 1_000) + new string(']', 1_000), StringComparison.Ordinal));
        yield return new() { Key = "u"u8.ToArray(), Value = null };
        yield return new() { Key = null, Value = null };
        yield return new() { Key = [], Value = [] };
        yield return new() { Key = [0xff, 0], Value = [0] };
        foreach (var (text, old, now) in new[]
        {
            (Click, "\"u\"", "17"), (Click, "\"click\"", "[]"), (Click, "1,", "\"1\","), (Shown, "[{\"item\":\"i\"}]", "\"i\""), (Shown, "{\"item\":\"i\"}", "null"), (Item, "[\"g\"]", "{}"),
            (Click, "\"click\"", "\"dwell\",\"dwell_ms\":NaN"), (Click, "\"click\"", "\"dwell\",\"dwell_ms\":-1"), (Click, "\"click\"", "\"dwell\",\"dwell_ms\":9e99"),
            (Shown, "\"item\":\"i\"", "\"item\":\"i\",\"propensity\":NaN"), (Shown, "\"item\":\"i\"", "\"item\":\"i\",\"propensity\":1e-999"), (Shown, "\"item\":\"i\"", "\"item\":\"i\",\"price_micros\":-5"),
            (Click, "2024", (TimeProvider.System.GetUtcNow().Year + 5).ToString(System.Globalization.CultureInfo.InvariantCulture)), (Click, "2024", "0001"), (Click, "2024", "9999"), (Click, "2024-03", "2024-13"),
            (Click, "\"g1\"", "\"\""), (Click, "\"u\"", "\"\""), (Click, "\"i\"", "\"\""), (Shown, "\"r\"", "\"\""), (Item, "\"v\"", "\"\""),
            (Click, "\"schema\":1", "\"schema\":0"), (Click, "\"schema\":1", "\"schema\":2147483648"), (User, "\"user\",\"e", "\"visitor\",\"e"),
        }) yield return Value(Changed(text, old, now));
        // In every text that reaches a column: half a surrogate pair, as an escape and as bytes, and U+0000, which PostgreSQL cannot hold.
        foreach (var text in new[] { Click, Shown, User, Item })
            foreach (var part in new[] { "\"u\"", "\"i\"", "\"r\"", "\"g1\"", "\"g2\"", "\"g3\"", "\"g4\"", "\"home\"", "\"t\"", "\"o\"", "\"c\"", "\"w\"", "\"g\"", "\"a\"", "\"b\"", "\"v\"", "\"p\"", "\"n\"" })
            {
                if (!text.Contains(part, StringComparison.Ordinal)) continue;
                yield return Value(text.Replace(part, part[..^1] + "\\ud800\"", StringComparison.Ordinal));
                yield return Value(text.Replace(part, part[..^1] + "\\u0000\"", StringComparison.Ordinal));
                yield return new() { Value = Encoding.Latin1.GetBytes(text.Replace(part, part[..^1] + "\u00ed\u00a0\u0080\"", StringComparison.Ordinal)) };
            }
    }

    // Strange, and events by rule.
    private static string[] Accepted() =>
    [
        Changed(Click, "\"g1\"", "\"'; drop table fact; --\""),
        Changed(Changed(Click, "\"g1\"", "\"a1\""), "\"u\"", "\"$user @user {0} %s \\\" \\\\ \\u202e\""),
        Changed(Changed(Click, "\"g1\"", "\"a2\""), "\"i\"", "\"\\ud83d\\ude00\\r\\n\\t\""),
        Changed(Changed(Shown, "\"g2\"", "\"a3\""), "\"home\"", "\"" + new string('x', 256) + "\""),
        Changed(Changed(User, "\"g3\"", "\"a4\""), "\"b\"", "-1.7976931348623157e308"),
        Changed(Changed(Item, "\"g4\"", "\"a5\""), "\"t\"", "\"<script>alert(1)</script>\\u001b[2J\""),
    ];

    private static IEnumerable<Message<byte[]?, byte[]?>> Noise(Random random, int count)
    {
        string[] whole = [Click, Shown, User, Item];
        for (var n = 0; n < count; n++)
        {
            var bytes = Encoding.UTF8.GetBytes(whole[n % 4].Replace("\"event_id\":\"g", $"\"event_id\":\"n{n}-", StringComparison.Ordinal));
            for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            yield return new() { Key = [(byte)n], Value = bytes };
        }
    }

    private static string Topic(Random random) => random.Next(2) == 0 ? "recs.events" : "recs.items";

    private static Message<byte[]?, byte[]?> Value(string text) => new() { Value = Encoding.UTF8.GetBytes(text) };

    private static string Changed(string text, string old, string now) => text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, now, StringComparison.Ordinal) : throw new ArgumentException(old);

    private static IProducer<byte[]?, byte[]?> Producer(KafkaConnection connection) => new ProducerBuilder<byte[]?, byte[]?>(
        new ProducerConfig { BootstrapServers = connection.BootstrapServers, MessageMaxBytes = 16 << 20, CompressionType = CompressionType.Zstd }).Build();
}
