using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Recs.Domain.Events;

/// <summary>
/// An event id in 128 bits: the first half of the SHA-256 of its UTF-8 bytes. No two ids meet by chance, and none is made to meet another on purpose,
/// so sets of seen events may hold keys instead of texts.
/// </summary>
public static class EventKey
{
    private const int StackBytes = 1_024; // an id has at most 256 characters on the wire

    /// <summary>The key of <paramref name="id"/>. Safe from any thread; allocates nothing for ids of ordinary length.</summary>
    public static UInt128 Of(EventId id) => Of(id.Value);

    /// <summary>The key of an id given as text.</summary>
    public static UInt128 Of(string id)
    {
        Span<byte> text = stackalloc byte[StackBytes];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (Encoding.UTF8.TryGetBytes(id, text, out var length)) SHA256.HashData(text[..length], hash);
        else SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
