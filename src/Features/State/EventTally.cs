using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Features.State;

/// <summary>
/// Which distinct events were folded, in 72 bytes: how many, and the sum of their SHA-512 hashes, lane by lane modulo 2^64. A sum is the same in any
/// order, two sums add up, and an event can be taken away again. Different events meet by a chance of 2^−512; against somebody who makes events to
/// that end a sum of hashes is weaker than a hash, which is no concern where two stores of one's own are compared.
/// One thread at a time.
/// </summary>
public sealed class EventTally
{
    private const int Lanes = SHA512.HashSizeInBytes / sizeof(ulong);
    private readonly ulong[] _sum = new ulong[Lanes];
    private byte[] _bytes = new byte[1_024];

    /// <summary>Events added, less those taken away.</summary>
    public long Count { get; private set; }

    /// <summary>Takes in one event.</summary>
    public void Add(Event source) => Add(source, 1);

    /// <summary>Takes away one event that was taken in.</summary>
    public void Remove(Event source) => Add(source, -1);

    /// <summary>Count and sum, 72 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[(Lanes + 1) * sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Count);
        for (var lane = 0; lane < Lanes; lane++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((lane + 1) * sizeof(ulong)), _sum[lane]);
        return bytes;
    }

    /// <summary>A tally that <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Not 72 bytes.</exception>
    public static EventTally Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != (Lanes + 1) * sizeof(ulong)) throw new InvalidDataException($"a tally has {(Lanes + 1) * sizeof(ulong)} bytes, not {bytes.Length}");
        var tally = new EventTally { Count = BinaryPrimitives.ReadInt64LittleEndian(bytes) };
        for (var lane = 0; lane < Lanes; lane++) tally._sum[lane] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[((lane + 1) * sizeof(ulong))..]);
        return tally;
    }

    private void Add(Event source, int sign)
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(Canonical(source), hash);
        for (var lane = 0; lane < Lanes; lane++)
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(hash[(lane * sizeof(ulong))..]);
            _sum[lane] = sign > 0 ? _sum[lane] + value : _sum[lane] - value;
        }
        Count += sign;
    }

    /// <summary>Every field of an event, one way to write it. The two kinds that come by the million have a form of their own; the others take that of the wire.</summary>
    private ReadOnlySpan<byte> Canonical(Event source)
    {
        var length = 0;
        switch (source)
        {
            case Interaction interaction:
                Number(1);
                Text(interaction.Id.Value);
                Number(interaction.Time.Milliseconds);
                Text(interaction.Request?.Value ?? "");
                Text(interaction.User.Value);
                Text(interaction.Item.Value);
                Number((long)interaction.Action);
                Number(interaction.ValueMicros);
                Number(interaction.DwellMilliseconds);
                break;
            case Impression impression:
                Number(2);
                Text(impression.Id.Value);
                Number(impression.Time.Milliseconds);
                Text(impression.Request.Value);
                Text(impression.User.Value);
                Text(impression.Surface);
                Number(impression.Items.Count);
                foreach (var shown in impression.Items)
                {
                    Text(shown.Item.Value);
                    Number(shown.Position);
                    Number(shown.Propensity is { } propensity ? BitConverter.DoubleToInt64Bits(propensity) : -1);
                    Number(shown.PriceMicros);
                }
                break;
            default:
                return EventCodec.Write(source);
        }
        return _bytes.AsSpan(0, length);

        void Number(long value)
        {
            Room(sizeof(long));
            BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(length), value);
            length += sizeof(long);
        }

        void Text(string value)
        {
            Room(sizeof(int) + Encoding.UTF8.GetMaxByteCount(value.Length));
            var written = Encoding.UTF8.GetBytes(value, _bytes.AsSpan(length + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(length), written);
            length += sizeof(int) + written;
        }

        void Room(int bytes)
        {
            if (length + bytes > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, length + bytes));
        }
    }
}
