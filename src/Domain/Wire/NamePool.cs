using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Recs.Domain.Wire;

/// <summary>
/// One string for the many messages that name the same item or user: most ids of a stream were read shortly before. A name has one place, by its hash;
/// another one that falls there takes it over, so the pool stays at <see cref="Places"/> strings whatever comes.
/// Safe from any thread: strings do not change, and of two that write a place at once one is merely not kept.
/// </summary>
internal static class NamePool
{
    /// <summary>Names held at most.</summary>
    public const int Places = 1 << 16;

    private static readonly string?[] Names = new string?[Places];

    /// <summary>The text of a name; null where it holds anything but ASCII.</summary>
    /// <param name="name">As it stands between its quotation marks, without escapes.</param>
    public static string? Find(ReadOnlySpan<byte> name)
    {
        ref var place = ref Names[Hash(name) & (Places - 1)];
        if (place is { } known && known.Length == name.Length && Ascii.Equals(name, known)) return known;
        if (!Ascii.IsValid(name)) return null;
        return place = Encoding.ASCII.GetString(name);
    }

    // Multiplication and rotation of eight bytes at a time; who makes names that meet only loses the sharing.
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = (ulong)name.Length;
        while (name.Length >= sizeof(ulong))
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(name)) * 0x9E3779B97F4A7C15, 29);
            name = name[sizeof(ulong)..];
        }
        foreach (var letter in name) hash = (hash ^ letter) * 0x100000001B3;
        hash *= 0x9E3779B97F4A7C15;
        return (uint)(hash >> 40);
    }
}
