using System.Text;
using System.Text.Json;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

public sealed class PlainEventReaderTests
{
    [Theory]
    [InlineData("""{"type":"impression","event_id":"e4","schema":1,"time":"2011-11-05T10:00:00Z","request_id":"r9","user":"17850","surface":"home","items":[{"item":"85123A","position":1,"propensity":0.31,"price_micros":0},{"item":"x"}]}""")]
    [InlineData("""{"type":"interaction","event_id":"e5","schema":1,"time":"2011-11-05T10:00:00.1234567Z","request_id":"r9","user":"17850","item":"85123A","action":"conversion","value_micros":15300000,"dwell_ms":null}""")]
    [InlineData(""" { "items" : [ { "price_micros" : 7 , "item" : "中" } ] , "user" : "ü" , "time" : "1970-01-01T00:00:00Z" , "schema" : 1 , "event_id" : "e" , "request_id" : "r" , "type" : "impression" } """)]
    [InlineData("""{"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","item":"i","action":"hide"}""")]
    public void Read_OrdinaryEvents_AreReadAsTheFullReaderDoes(string json)
    {
        var plain = PlainEventReader.Read(Encoding.UTF8.GetBytes(json), An.Latest);
        Assert.NotNull(plain);
        Assert.Equal(An.Describe(Full(Encoding.UTF8.GetBytes(json))), An.Describe(plain));
    }

    [Theory]
    [InlineData("""{"type":"interaction","event_id":"e","event_id":"f","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","item":"i","action":"hide"}""")] // the last of two counts
    [InlineData("""{"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00","user":"u","item":"i","action":"hide"}""")] // no offset is UTC
    [InlineData("""{"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u\u0041","item":"i","action":"hide"}""")]
    [InlineData("""{"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","item":"i","action":"hide","surface":"home"}""")]
    [InlineData("""{"type":"interaction","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","item":"i","action":"hide","country":"UK"}""")]
    [InlineData("""{"type":"impression","event_id":"e","schema":1,"time":"2011-11-05T10:00:00Z","user":"u","request_id":"r","items":[{"item":"a","rank":1}]}""")]
    public void Read_WhatIsNotPlain_IsLeftToTheFullReader(string json)
    {
        Assert.Null(PlainEventReader.Read(Encoding.UTF8.GetBytes(json), An.Latest));
        Assert.NotNull(Full(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Read_RandomAndDamagedEvents_IsNeverOtherThanTheFullReader()
    {
        var random = new Random(7);
        int plain = 0, left = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var bytes = EventCodec.Write(Ordinary(random));
            for (var damages = random.Next(4); damages > 0; damages--) bytes = Damaged(bytes, random);
            if (PlainEventReader.Read(bytes, An.Latest) is not { } source)
            {
                left++;
                continue;
            }
            plain++;
            Assert.Equal(An.Describe(Full(bytes)), An.Describe(source));
        }
        Assert.True(plain > 5_000 && left > 5_000, $"{plain} read, {left} left");
    }

    [Fact]
    public void Find_ManyNames_AreTheirOwnText()
    {
        var random = new Random(3);
        for (var i = 0; i < 200_000; i++)
        {
            var name = $"item-{random.Next(150_000)}";
            Assert.Equal(name, NamePool.Find(Encoding.UTF8.GetBytes(name)));
        }
        var first = NamePool.Find("a-name"u8);
        Assert.Same(first, NamePool.Find("a-name"u8));
        Assert.Null(NamePool.Find("größe"u8));
    }

    private static Event? Full(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, WireContext.Default.WireEvent) is { } wire ? EventReader.Read(wire, An.Latest) : null;
        }
        catch (Exception refused) when (refused is InvalidFieldException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Now and then with letters that need escapes.</summary>
    private static Event Ordinary(Random random)
    {
        if (random.Next(4) == 0) return An.Event(random);
        var (id, time, user) = (new EventId($"e{random.Next()}"), new Timestamp(random.NextInt64(0, An.Latest.Milliseconds)), new UserId($"u{random.Next(50)}"));
        return random.Next(2) == 0
            ? new Impression(id, time, new("r1"), user, "home", [.. Enumerable.Range(0, random.Next(1, 12)).Select(place => new ShownItem(new($"i{place}"), place + 1, random.NextDouble(), random.Next(9)))])
            : new Interaction(id, time, random.Next(2) == 0 ? null : new RequestId("r"), user, new($"i{random.Next(9)}"), (InteractionType)random.Next(1, 9), random.Next(3), random.Next(3));
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 1:
                return bytes[..random.Next(1, bytes.Length + 1)];
            case 2: // a piece twice: fields and items that repeat
                var (from, length) = (random.Next(bytes.Length), random.Next(40));
                var to = Math.Min(bytes.Length, from + length);
                return [.. bytes[..to], .. bytes[from..to], .. bytes[to..]];
            case 3:
                bytes[random.Next(bytes.Length)] = (byte)"\"\\{}[],:0-eunZT19"[random.Next(17)];
                return bytes;
            default: // a piece less
                var (cut, end) = (random.Next(bytes.Length), 0);
                end = Math.Min(bytes.Length, cut + random.Next(20));
                return bytes.Length - (end - cut) < 1 ? bytes : [.. bytes[..cut], .. bytes[end..]];
        }
    }
}
