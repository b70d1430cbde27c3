using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Domain.Events;

/// <summary>
/// An event id in 128 bits, for sets of events that were seen: SipHash-2-4 of its characters under a key that each process draws for itself. No two ids meet by chance
/// (2^−83 for ten million of them), and whoever makes ids cannot make two meet, not knowing the key. A key means nothing in another process, and none is ever stored.
/// </summary>
public static class EventKey
{
    private static readonly (ulong First, ulong Second) Secret = Draw();

    /// <summary>The key of <paramref name="id"/>. Safe from any thread; allocates nothing.</summary>
    public static UInt128 Of(EventId id) => Of(id.Value);

    /// <summary>The key of an id given as text.</summary>
    public static UInt128 Of(string id) => SipHash.Of(MemoryMarshal.AsBytes(id.AsSpan()), Secret.First, Secret.Second);

    private static (ulong, ulong) Draw()
    {
        Span<ulong> secret = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(secret));
        return (secret[0], secret[1]);
    }
}
