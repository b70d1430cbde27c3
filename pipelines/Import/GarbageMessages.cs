using System.Globalization;
using System.Text;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Ingest;

namespace Recs.Pipelines.Import;

/// <summary>Messages that are no events: random bytes, broken JSON, fields of the wrong type and unknown schema versions, in turn.</summary>
internal sealed class GarbageMessages
{
    private readonly Topics _topics;
    private readonly Random _random;
    private int _made;

    public GarbageMessages(Topics topics, int seed) => (_topics, _random) = (topics, new Random(seed));

    /// <summary>The next one.</summary>
    /// <param name="near">A fact whose event is spoilt, and whose known time the message has.</param>
    public RawMessage Next(Fact near)
    {
        var number = _made++;
        byte[] bytes = (number % 4) switch
        {
            0 => RandomBytes(),
            1 => CutOff(near.Event),
            2 => Spoil(near.Event, "\"schema\":1", "\"schema\":\"one\""),
            _ => Spoil(near.Event, "\"schema\":1", "\"schema\":" + _random.Next(2, 1_000).ToString(CultureInfo.InvariantCulture)),
        };
        // Keys of their own: the partition follows from the seed, and compaction keeps every one.
        return new RawMessage(number / 4 % 2 == 0 ? _topics.Events : _topics.Items, string.Create(CultureInfo.InvariantCulture, $"garbage-{number}"), bytes, near.Known);
    }

    /// <summary>No UTF-8 text begins with 0xFF, so it can never be an event by accident.</summary>
    private byte[] RandomBytes()
    {
        var bytes = new byte[_random.Next(1, 200)];
        _random.NextBytes(bytes);
        bytes[0] = 0xff;
        return bytes;
    }

    /// <summary>The beginning of an event's JSON; without its last brace it is none.</summary>
    private byte[] CutOff(Event source)
    {
        var whole = EventCodec.Write(source);
        return whole[.._random.Next(1, whole.Length)];
    }

    private static byte[] Spoil(Event source, string right, string wrong)
    {
        var text = Encoding.UTF8.GetString(EventCodec.Write(source));
        var at = text.IndexOf(right, StringComparison.Ordinal);
        if (at < 0) throw new InvalidOperationException($"the wire form of {source.Id} has no {right}");
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), wrong, text.AsSpan(at + right.Length)));
    }
}
