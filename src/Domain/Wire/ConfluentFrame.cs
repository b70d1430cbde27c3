using System.Buffers.Binary;

namespace Recs.Domain.Wire;

/// <summary>The frame of Confluent's schema registry: 0x00 and four bytes of schema id before the message. No JSON text starts with 0x00.</summary>
internal static class ConfluentFrame
{
    /// <summary>The message without its frame, or as it is where it has none.</summary>
    public static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> message) =>
        message.Length > 5 && message[0] == 0 && BinaryPrimitives.ReadInt32BigEndian(message[1..]) >= 0 ? message[5..] : message;
}
