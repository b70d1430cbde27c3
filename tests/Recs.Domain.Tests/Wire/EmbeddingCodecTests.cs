using System.Text;
using System.Text.Json.Nodes;
using Recs.Domain.Embeddings;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

public sealed class EmbeddingCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parse_WrittenRandomVectors_GivesEqualVectors(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var source = Message(random);
            var json = EmbeddingCodec.Write(source);
            var parsed = EmbeddingCodec.Parse(json, out var rejection);
            Assert.Null(rejection);
            Assert.Equal(Describe(source), Describe(parsed!));
            Assert.Equal(json, EmbeddingCodec.Write(parsed!));
            // Framed by a schema registry.
            Assert.Equal(Describe(source), Describe(EmbeddingCodec.Parse([0, 0, 0, 0, 7, .. json], out _)!));
        }
    }

    [Fact]
    public void Write_Form_IsFrozen() => Assert.Equal(
        """{"type":"embedding","schema":1,"event_id":"e1","time":"2011-11-05T10:00:00Z","item":"85123A","version":"9e5f6a34816ca7d9","content_hash":"ab12","signature":"3-0-1-2","dimensions":2,"vector":"AACAPwAAAL8="}""",
        Encoding.UTF8.GetString(EmbeddingCodec.Write(new(new(new("85123A"), "9e5f6a34816ca7d9", "ab12", [1f, -0.5f], "3-0-1-2"), Timestamp.From(new DateTimeOffset(2011, 11, 5, 10, 0, 0, TimeSpan.Zero)), new EventId("e1")))));

    [Fact]
    public void Write_LargestVector_FitsAMessage()
    {
        var vector = Enumerable.Range(0, EmbeddingLimits.Dimensions).Select(n => n / 7f).ToArray();
        var json = EmbeddingCodec.Write(new(new(new(new string('é', EventLimits.NameLength)), "v", "h", vector, string.Join('-', Enumerable.Repeat(1023, 1_000)))));
        Assert.True(json.Length < EventLimits.MessageBytes, $"{json.Length} bytes");
        Assert.Equal(vector, EmbeddingCodec.Parse(json, out _)!.Embedding.Vector);
    }

    [Theory]
    [InlineData("type", "\"item\"", RejectionReason.UnknownType)]
    [InlineData("type", null, RejectionReason.UnknownType)]
    [InlineData("schema", "2", RejectionReason.UnknownSchema)]
    [InlineData("schema", "\"1\"", RejectionReason.NotJson)]
    [InlineData("item", "\"\"", RejectionReason.MissingField)]
    [InlineData("item", "\"a\\u0000\"", RejectionReason.InvalidValue)]
    [InlineData("version", null, RejectionReason.MissingField)]
    [InlineData("content_hash", null, RejectionReason.MissingField)]
    [InlineData("dimensions", null, RejectionReason.MissingField)]
    [InlineData("dimensions", "0", RejectionReason.InvalidValue)]
    [InlineData("dimensions", "3", RejectionReason.InvalidValue)]
    [InlineData("dimensions", "65537", RejectionReason.InvalidValue)]
    [InlineData("vector", null, RejectionReason.MissingField)]
    [InlineData("vector", "\"AACAPwAAAL8\"", RejectionReason.NotJson)]
    [InlineData("vector", "\"?\"", RejectionReason.NotJson)]
    [InlineData("vector", "[1,2]", RejectionReason.NotJson)]
    [InlineData("vector", "\"AADAfwAAAL8=\"", RejectionReason.InvalidValue)] // NaN
    [InlineData("vector", "\"AACAfwAAAL8=\"", RejectionReason.InvalidValue)] // infinite
    [InlineData("signature", "\"3-\"", RejectionReason.InvalidValue)]
    [InlineData("signature", "\"-3\"", RejectionReason.InvalidValue)]
    [InlineData("signature", "\"3--1\"", RejectionReason.InvalidValue)]
    [InlineData("signature", "\"a\"", RejectionReason.InvalidValue)]
    [InlineData("time", "\"yesterday\"", RejectionReason.InvalidValue)]
    [InlineData("time", null, RejectionReason.MissingField)]
    public void Parse_OneFieldWrong_IsRefusedWithTheReason(string field, string? value, RejectionReason reason)
    {
        Assert.Null(EmbeddingCodec.Parse(With(field, value), out var rejection));
        Assert.Equal(reason, rejection!.Reason);
        if (reason is RejectionReason.MissingField or RejectionReason.InvalidValue) Assert.Contains(field == "dimensions" && value == "3" ? "vector" : field, rejection.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event_id", null)]
    [InlineData("signature", null)]
    [InlineData("unknown", "{\"a\":[1]}")]
    public void Parse_WhatMayBeAbsentOrMore_IsAccepted(string field, string? value)
    {
        var parsed = EmbeddingCodec.Parse(With(field, value), out var rejection);
        Assert.Null(rejection);
        Assert.Equal("i1", parsed!.Embedding.Item.Value);
    }

    [Fact]
    public void Parse_TooLarge_IsRefused()
    {
        Assert.Null(EmbeddingCodec.Parse(new byte[EventLimits.MessageBytes + 1], out var rejection));
        Assert.Equal(RejectionReason.TooLarge, rejection!.Reason);
    }

    [Fact]
    public void Parse_RandomAndDamagedBytes_NeverThrows()
    {
        var random = new Random(3);
        int good = 0, bad = 0;
        for (var i = 0; i < 10_000; i++)
        {
            byte[] bytes;
            if (i % 4 == 0)
            {
                bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = EmbeddingCodec.Write(Message(random));
                for (var damages = random.Next(1, 3); damages > 0; damages--)
                {
                    if (random.Next(3) == 0) bytes = bytes[..random.Next(1, bytes.Length + 1)];
                    else bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"\"\\{}[],:0-eun"[random.Next(13)];
                }
            }
            var parsed = EmbeddingCodec.Parse(bytes, out var rejection);
            Assert.NotEqual(parsed is null, rejection is null);
            if (parsed is null)
            {
                bad++;
                continue;
            }
            good++;
            Assert.Equal(Describe(parsed), Describe(EmbeddingCodec.Parse(EmbeddingCodec.Write(parsed), out _)!));
        }
        Assert.True(good > 200 && bad > 2_000, $"{good} read, {bad} refused");
    }

    [Fact]
    public void Write_OutsideTheLimits_Throws()
    {
        Assert.Contains("dimensions", Assert.Throws<ArgumentException>(() => EmbeddingCodec.Write(new(new(new("i"), "v", "h", [])))).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => EmbeddingCodec.Write(new(new(new("i"), "v", "h", [float.NaN])))).Message, StringComparison.Ordinal);
        Assert.Contains("signature", Assert.Throws<ArgumentException>(() => EmbeddingCodec.Write(new(new(new("i"), "v", "h", [1], "x")))).Message, StringComparison.Ordinal);
    }

    private static byte[] With(string field, string? value)
    {
        var json = JsonNode.Parse(EmbeddingCodec.Write(new(new(new("i1"), "v", "h", [1f, -0.5f], "3-0"), An.Latest, new EventId("e"))))!.AsObject();
        json.Remove(field);
        if (value is not null) json[field] = JsonNode.Parse(value);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static EmbeddingMessage Message(Random random)
    {
        var vector = Enumerable.Range(0, random.Next(1, 40)).Select(_ => (float)(random.NextDouble() * 2 - 1) * MathF.Pow(10, random.Next(-40, 38))).ToArray();
        var signature = string.Join('-', Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(128)));
        var embedding = new ItemEmbedding(new(An.Text(random, 1, 20)), An.Text(random, 1, 16), An.Text(random, 1, 64), vector, signature);
        return random.Next(3) == 0 ? new(embedding) : new(embedding, new Timestamp(random.NextInt64(0, An.Latest.Milliseconds)), new EventId(An.Text(random, 1, 20)));
    }

    private static string Describe(EmbeddingMessage message) => $"{message.Embedding with { Vector = [] }} {message.Time.Milliseconds} {message.Event} "
        + string.Join(' ', message.Embedding.Vector.Select(BitConverter.SingleToInt32Bits));
}
