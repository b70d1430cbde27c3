using System.Text;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

/// <summary>Every fault has its reason and a detail that names the field; the details are read by people, so a part of each is held.</summary>
public sealed class EventCodecRejectionTests
{
    public static TheoryData<string, RejectionReason, string> Faults => new()
    {
        { "", RejectionReason.NotJson, "" },
        { "null", RejectionReason.NotJson, "null is not an event" },
        { "[]", RejectionReason.NotJson, "" },
        { "\"text\"", RejectionReason.NotJson, "" },
        { Some.Click()[..^1], RejectionReason.NotJson, "" },
        { Some.Click() + "{}", RejectionReason.NotJson, "" },
        { Some.Click("\"dwell_ms\":\"7\""), RejectionReason.NotJson, "$.dwell_ms" },
        { Some.Click("\"dwell_ms\":1.5"), RejectionReason.NotJson, "$.dwell_ms" },
        { Some.Click("\"value_micros\":99999999999999999999"), RejectionReason.NotJson, "$.value_micros" },
        { Some.Click("\"surface\":{}"), RejectionReason.NotJson, "$.surface" },
        { Some.Click("\"more\":" + new string('[', 40) + new string(']', 40)), RejectionReason.NotJson, "" },
        { Some.Impression("[{\"item\":\"a\",\"propensity\":NaN}]"), RejectionReason.NotJson, "" },
        { Some.Impression("{\"item\":\"a\"}"), RejectionReason.NotJson, "$.items" },
        { Some.Click("\"surface\":\"\\ud83d\""), RejectionReason.NotJson, "" },
        { Some.User("{\"a\":\"\\udc00\"}"), RejectionReason.NotJson, "" },
        { Some.User("{\"\\ud800\":1}"), RejectionReason.NotJson, "" },
        { Some.User("[]"), RejectionReason.NotJson, "$.attributes" },

        { """{"event_id":"e","schema":1}""", RejectionReason.UnknownType, "type is ''" },
        { """{"type":"Item","event_id":"e","schema":1}""", RejectionReason.UnknownType, "type is 'Item', expected item, user, impression or interaction" },
        { $$"""{"type":"{{new string('x', 500)}}","schema":1}""", RejectionReason.UnknownType, $"type is '{new string('x', 60)}…'" },
        { """{"type":"user","event_id":"e"}""", RejectionReason.UnknownSchema, "schema is missing, this build reads 1" },
        { """{"type":"user","event_id":"e","schema":2}""", RejectionReason.UnknownSchema, "schema is 2" },

        { """{"type":"user","schema":1,"time":"2011-11-05T10:00:00Z","user":"u"}""", RejectionReason.MissingField, "event_id is missing or empty" },
        { """{"type":"user","schema":1,"event_id":"","time":"2011-11-05T10:00:00Z","user":"u"}""", RejectionReason.MissingField, "event_id" },
        { """{"type":"user","schema":1,"event_id":"e","user":"u"}""", RejectionReason.MissingField, "time" },
        { """{"type":"user","schema":1,"event_id":"e","time":"2011-11-05T10:00:00Z"}""", RejectionReason.MissingField, "user" },
        { """{"type":"item","schema":1,"event_id":"e","time":"2011-11-05T10:00:00Z","kind":"content"}""", RejectionReason.MissingField, "item" },
        { """{"type":"impression","schema":1,"event_id":"e","time":"2011-11-05T10:00:00Z","user":"u","items":[{"item":"a"}]}""", RejectionReason.MissingField, "request_id" },
        { Some.Item("\"title\":\"x\""), RejectionReason.MissingField, "kind" },
        { Some.Item("\"kind\":\"ad\",\"bid\":{\"per\":\"click\",\"micros\":1},\"daily_budget_micros\":1"), RejectionReason.MissingField, "advertiser" },
        { Some.Ad("null"), RejectionReason.MissingField, "bid.per" },
        { Some.Ad("{\"micros\":1}"), RejectionReason.MissingField, "bid.per" },
        { Some.Ad("{\"per\":\"click\"}"), RejectionReason.MissingField, "bid.micros" },
        { Some.Ad(more: "\"title\":\"x\""), RejectionReason.MissingField, "daily_budget_micros" },
        { Some.Ad(more: "\"daily_budget_micros\":1,\"targeting\":{\"countries\":[\"\"]}"), RejectionReason.MissingField, "targeting.countries" },
        { Some.Impression("[]"), RejectionReason.MissingField, "items" },
        { Some.Impression("null"), RejectionReason.MissingField, "items" },
        { Some.Impression("[null]"), RejectionReason.MissingField, "items" },
        { Some.Impression("[{\"position\":1}]"), RejectionReason.MissingField, "items.item" },
        { Some.Interaction("\"user\":\"u\",\"item\":\"i\""), RejectionReason.MissingField, "action" },
        { Some.Interaction("\"user\":\"u\",\"action\":\"click\""), RejectionReason.MissingField, "item" },
        { Some.Interaction("\"item\":\"i\",\"action\":\"click\""), RejectionReason.MissingField, "user" },
        { Some.User("{\"\":1}"), RejectionReason.MissingField, "attributes" },

        { Some.Click(time: "yesterday"), RejectionReason.InvalidValue, "time is 'yesterday'" },
        { Some.Click(time: "2011-11-05"), RejectionReason.InvalidValue, "time" },
        { Some.Click(time: "10:00:00 GMT"), RejectionReason.InvalidValue, "time" },
        { Some.Click(time: "T10:00:00Z"), RejectionReason.InvalidValue, "time" },
        { Some.Click(time: "Sat, 05 Nov 2011 10:00:00 GMT"), RejectionReason.InvalidValue, "time" },
        { Some.Click(time: "2011-13-05T10:00:00Z"), RejectionReason.InvalidValue, "time" },
        { Some.Click(time: "1969-12-31T23:59:59Z"), RejectionReason.InvalidValue, "from 1970 on" },
        { Some.Click(time: "2011-11-05T10:00:00Z" + new string(' ', 40)), RejectionReason.InvalidValue, "time" },
        { Some.Click("\"action\":\"Click\""), RejectionReason.InvalidValue, "action is 'Click', expected one of click, dwell" },
        { Some.Click("\"dwell_ms\":-1"), RejectionReason.InvalidValue, "dwell_ms is -1, range 0 to 86400000" },
        { Some.Click("\"dwell_ms\":86400001"), RejectionReason.InvalidValue, "dwell_ms is 86400001" },
        { Some.Click("\"value_micros\":-5"), RejectionReason.InvalidValue, "value_micros is -5, range 0 to 1000000000000000" },
        { Some.Click("\"value_micros\":1000000000000001"), RejectionReason.InvalidValue, "value_micros" },
        { Some.Click($"\"user\":\"{new string('u', 257)}\""), RejectionReason.InvalidValue, "user has 257 characters, limit 256" },
        { Some.Click("\"user\":\"a\\u0000b\""), RejectionReason.InvalidValue, "user contains U+0000" },
        { Some.Item("\"kind\":\"article\""), RejectionReason.InvalidValue, "kind is 'article'" },
        { Some.Item("\"kind\":\"content\",\"status\":\"gone\""), RejectionReason.InvalidValue, "status is 'gone', expected active, paused or deleted" },
        { Some.Item("\"kind\":\"content\",\"title\":\"\\u0000\""), RejectionReason.InvalidValue, "title contains U+0000" },
        { Some.Item($"\"kind\":\"content\",\"body\":\"{new string('b', 100_001)}\""), RejectionReason.InvalidValue, "body has 100001 characters" },
        { Some.Item("\"kind\":\"content\",\"created\":\"soon\""), RejectionReason.InvalidValue, "created is 'soon'" },
        { Some.Item($"\"kind\":\"content\",\"tags\":[{string.Join(',', Enumerable.Repeat("\"t\"", 10_001))}]"), RejectionReason.InvalidValue, "tags has 10001 entries" },
        { Some.Ad("{\"per\":\"view\",\"micros\":1}"), RejectionReason.InvalidValue, "bid.per is 'view', expected click, conversion or thousand" },
        { Some.Ad("{\"per\":\"click\",\"micros\":-1}"), RejectionReason.InvalidValue, "bid.micros is -1" },
        { Some.Ad(more: "\"daily_budget_micros\":-1"), RejectionReason.InvalidValue, "daily_budget_micros is -1" },
        { Some.Impression("[{\"item\":\"a\"},{\"item\":\"a\"}]"), RejectionReason.InvalidValue, "items.item has 'a' twice" },
        { Some.Impression("[{\"item\":\"a\",\"propensity\":0}]"), RejectionReason.InvalidValue, "items.propensity is 0, range above 0 to 1" },
        { Some.Impression("[{\"item\":\"a\",\"propensity\":1.5}]"), RejectionReason.InvalidValue, "items.propensity is 1.5" },
        { Some.Impression("[{\"item\":\"a\",\"propensity\":1e999}]"), RejectionReason.InvalidValue, "items.propensity" },
        { Some.Impression("[{\"item\":\"a\",\"position\":0}]"), RejectionReason.InvalidValue, "items.position is 0, range 1 to 10000" },
        { Some.Impression("[{\"item\":\"a\",\"position\":10001}]"), RejectionReason.InvalidValue, "items.position" },
        { Some.Impression("[{\"item\":\"a\",\"price_micros\":-1}]"), RejectionReason.InvalidValue, "items.price_micros is -1" },
        { Some.Impression($"[{string.Join(',', Enumerable.Range(0, 10_001).Select(i => $$"""{"item":"i{{i}}"}"""))}]"), RejectionReason.InvalidValue, "items has 10001 entries, limit 10000" },
        { Some.User("{\"a\":[]}"), RejectionReason.InvalidValue, "attributes.a is neither text nor a number" },
        { Some.User("{\"a\":null}"), RejectionReason.InvalidValue, "attributes.a" },
        { Some.User("{\"a\":\"\\u0000\"}"), RejectionReason.InvalidValue, "attributes.a contains U+0000" },
        { Some.User($"{{\"a\":{new string('7', 100_001)}}}"), RejectionReason.InvalidValue, "attributes.a has 100001 characters" },
        { Some.User($"{{\"{new string('a', 257)}\":1}}"), RejectionReason.InvalidValue, "attributes has 257 characters" },

        { Some.Click(time: "2024-03-01T00:00:00.001Z"), RejectionReason.FutureTime, "time is 2024-03-01T00:00:00.001Z, the latest accepted is 2024-03-01T00:00:00Z" },
        { Some.Click(time: "2024-02-29T23:30:00-01:00"), RejectionReason.FutureTime, "time is 2024-03-01T00:30:00Z" },
    };

    [Theory, MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void Parse_Fault_GivesReasonAndDetail(string json, RejectionReason reason, string detail)
    {
        var rejection = An.Rejection(Encoding.UTF8.GetBytes(json));
        Assert.Equal(reason, rejection.Reason);
        Assert.Contains(detail, rejection.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(rejection.Detail);
        Assert.InRange(rejection.Detail.Length, 1, 300);
    }

    [Fact]
    public void Parse_EveryReason_IsMetByAFault() => Assert.Equal(
        Enum.GetValues<RejectionReason>().Except([RejectionReason.TooLarge]),
        Faults.Select(fault => fault.Data.Item2).Distinct().Order());

    [Fact]
    public void Parse_MessageAboveTheLimit_IsTooLarge()
    {
        var padded = Some.Click() + new string(' ', EventLimits.MessageBytes - Some.Click().Length);
        Assert.NotNull(An.Parse(padded));
        var rejection = An.Rejection(Encoding.UTF8.GetBytes(padded + " "));
        Assert.Equal(new Rejection(RejectionReason.TooLarge, "1048577 bytes, limit 1048576"), rejection);
    }

    [Fact]
    public void Parse_BytesThatAreNotUtf8_AreNotJson()
    {
        var message = Encoding.UTF8.GetBytes(Some.Click("\"surface\":\"xx\""));
        message[Array.LastIndexOf(message, (byte)'x')] = 0xff;
        Assert.Equal(RejectionReason.NotJson, An.Rejection(message).Reason);
    }

    [Fact]
    public void Parse_TenThousandItems_AreAccepted() => Assert.NotNull(An.Parse(
        Some.Impression($"[{string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""{"item":"i{{i}}"}"""))}]")));
}
