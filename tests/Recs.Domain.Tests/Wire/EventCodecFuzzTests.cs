using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

public sealed class EventCodecFuzzTests
{
    [Fact]
    public void Parse_RandomBytes_NeverThrows()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            AssertEitherOr(bytes);
        }
    }

    [Fact]
    public void Parse_DamagedEvents_NeverThrows()
    {
        var random = new Random(2);
        int events = 0, rejected = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var source = An.Event(random);
            if (source is ItemUpserted { Item.Title.Length: > 1_000 }) continue;
            var bytes = EventCodec.Write(source);
            for (var damages = random.Next(1, 4); damages > 0; damages--)
                switch (random.Next(4))
                {
                    case 0:
                        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes = bytes[..random.Next(1, bytes.Length + 1)];
                        break;
                    case 2:
                        var (from, to) = (random.Next(bytes.Length), random.Next(bytes.Length));
                        (bytes[from], bytes[to]) = (bytes[to], bytes[from]);
                        break;
                    default:
                        bytes[random.Next(bytes.Length)] = (byte)"\"\\{}[],:0-eun"[random.Next(13)];
                        break;
                }
            if (AssertEitherOr(bytes)) events++;
            else rejected++;
        }
        // Both ways are really met.
        Assert.True(events > 200 && rejected > 2_000, $"{events} events, {rejected} rejected");
    }

    private static bool AssertEitherOr(byte[] bytes)
    {
        var source = EventCodec.Parse(bytes, An.Latest, out var rejection);
        Assert.NotEqual(source is null, rejection is null);
        if (source is null) return false;
        // What is accepted can be kept and read again.
        Assert.Equal(An.Describe(source), An.Describe(EventCodec.ReadStored(EventCodec.Write(source))));
        return true;
    }
}
