using System.Text;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

public sealed class EventCodecRoundTripTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parse_WrittenRandomEvents_GivesEqualEvents(int seed)
    {
        var random = new Random(seed);
        HashSet<Type> kinds = [];
        for (var i = 0; i < 500; i++)
        {
            var source = An.Event(random);
            kinds.Add(source.GetType());
            var json = EventCodec.Write(source);
            var stored = EventCodec.ReadStored(json);
            Assert.Equal(An.Describe(source), An.Describe(stored));
            // A second writing gives the same bytes: digests of events rest on that.
            Assert.Equal(json, EventCodec.Write(stored));
            if (json.Length > EventLimits.MessageBytes) continue;
            var parsed = EventCodec.Parse(json, An.Latest, out var rejection);
            Assert.Null(rejection);
            Assert.Equal(An.Describe(source), An.Describe(parsed));
        }
        Assert.Equal(4, kinds.Count);
    }

    [Fact]
    public void Parse_AttributeKinds_BecomeTextInInvariantForm()
    {
        var user = Assert.IsType<UserUpserted>(An.Parse("""
            {"type":"user","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u",
             "attributes":{"n":2.50,"i":-7,"t":"text","yes":true,"no":false,"big":1e400}}
            """));
        Assert.Equal(
            new AttributeSet([new("n", "2.50"), new("i", "-7"), new("t", "text"), new("yes", "true"), new("no", "false"), new("big", "1e400")]),
            user.Attributes);
    }

    [Fact]
    public void Write_NumericAttribute_StaysANumberOnTheWire()
    {
        var source = new UserUpserted(new("e"), An.Latest, new("u"), new([new("age", "42"), new("code", "007"), new("name", "x")]));
        Assert.Contains("""{"age":42,"code":"007","name":"x"}""", Encoding.UTF8.GetString(EventCodec.Write(source)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EventLimits.TextLength)]
    [InlineData(41)]
    public void ReadStored_LongNumericAttribute_IsReadBack(int digits)
    {
        var source = An.Parse(
            $$$"""{"type":"user","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","attributes":{"n":{{{new string('7', digits)}}}}}""");
        Assert.NotNull(source);
        Assert.Equal(An.Describe(source), An.Describe(EventCodec.ReadStored(EventCodec.Write(source))));
    }

    [Fact]
    public void Parse_Defaults_AreFilledIn()
    {
        var shown = Assert.IsType<Impression>(An.Parse("""
            {"type":"impression","event_id":"e","schema":1,"time":"2011-11-05T12:00:00.1239+02:00","request_id":"r","user":"u","items":[{"item":"a"},{"item":"b"}]}
            """));
        Assert.Equal([new(new("a"), 1, null, 0), new ShownItem(new("b"), 2, null, 0)], shown.Items);
        Assert.Equal("", shown.Surface);
        Assert.Equal("2011-11-05T10:00:00.123Z", shown.Time.ToString());

        var clicked = Assert.IsType<Interaction>(An.Parse("""
            {"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00","user":"u","item":"i","action":"click","request_id":"","dwell_ms":null}
            """));
        Assert.Equal(new Interaction(new("e"), shown.Time.Plus(TimeSpan.FromMilliseconds(-123)), null, new("u"), new("i"), InteractionType.Click, 0, 0), clicked);

        var item = Assert.IsType<ItemUpserted>(An.Parse("""
            {"type":"item","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","item":"i","kind":"content"}
            """)).Item;
        Assert.Equal((ItemStatus.Active, "", ItemKind.Content, null), (item.Status, item.Title, item.Kind, item.Created));
    }

    [Fact]
    public void Parse_UnknownFields_AreIgnored() => Assert.Equal(An.Describe(An.Parse(Some.Click())), An.Describe(An.Parse(Some.Click(
        "\"price\":[1,{\"a\":null}],\"ACTION\":\"hide\",\"eventId\":7"))));

    [Fact]
    public void Parse_ConfluentFrame_IsSkipped()
    {
        byte[] framed = [0, 0, 0, 1, 44, .. Encoding.UTF8.GetBytes(Some.Click())];
        Assert.Equal(An.Describe(An.Parse(Some.Click())), An.Describe(EventCodec.Parse(framed, An.Latest, out _)));
        Assert.Equal(RejectionReason.NotJson, An.Rejection([0, 0, 0, 1, 44]).Reason);
        Assert.Equal(RejectionReason.NotJson, An.Rejection([0, 0, 0, 1, .. Encoding.UTF8.GetBytes(Some.Click())]).Reason);
    }

    [Fact]
    public void Parse_TimeAtTheLimit_IsAccepted()
    {
        Assert.NotNull(An.Parse(Some.Click(time: An.Latest.ToString())));
        Assert.Null(An.Parse(Some.Click(time: An.Latest.Plus(TimeSpan.FromMilliseconds(1)).ToString())));
    }

    [Fact]
    public void ReadStored_TimeAheadAndLongMessage_IsRead()
    {
        var source = new ItemUpserted(new("e"), Timestamp.From(new DateTimeOffset(2199, 1, 1, 0, 0, 0, TimeSpan.Zero)), new Item
        {
            Id = new("i"),
            Title = new string('中', EventLimits.TextLength),
            Body = new string('中', EventLimits.TextLength),
        });
        var json = EventCodec.Write(source);
        Assert.True(json.Length > EventLimits.MessageBytes, "escapes make it longer than a message may be");
        Assert.Equal(An.Describe(source), An.Describe(EventCodec.ReadStored(json)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"type\":")]
    [InlineData("{\"type\":\"user\",\"event_id\":\"\\ud800\",\"schema\":1}")]
    [InlineData("{\"type\":\"user\",\"event_id\":\"e\",\"schema\":1,\"time\":\"2011-11-05T10:00:00Z\",\"user\":\"u\",\"attributes\":{\"a\":\"\\ud800\"}}")]
    public void ReadStored_NotAnEvent_SaysTheStoreWasChanged(string json) =>
        Assert.Throws<InvalidDataException>(() => EventCodec.ReadStored(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Key_EveryEvent_IsTheUserOrTheItem()
    {
        Assert.Equal("i", EventCodec.Key(new ItemUpserted(new("e"), An.Latest, new Item { Id = new("i"), Title = "" })));
        Assert.Equal("u", EventCodec.Key(new UserUpserted(new("e"), An.Latest, new("u"), AttributeSet.Empty)));
        Assert.Equal("u", EventCodec.Key(new Impression(new("e"), An.Latest, new("r"), new("u"), "", [])));
        Assert.Equal("u", EventCodec.Key(new Interaction(new("e"), An.Latest, null, new("u"), new("i"), InteractionType.Click, 0, 0)));
    }
}
