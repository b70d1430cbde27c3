using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Texts that are embedded, written and, after an interruption, found again together.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Entries">At least one.</param>
/// <param name="Hash">SHA-256 (hex) over ids and texts: a block of an earlier run is this one only when the hashes are equal.</param>
internal sealed record TextBlock(int Number, IReadOnlyList<TextEntry> Entries, string Hash)
{
    /// <summary>Characters of a block's texts, past which it ends however few they are: long documents must not fill the memory.</summary>
    private const int Characters = 32 << 20;

    /// <summary>Cuts <paramref name="entries"/> into blocks. The cuts depend on nothing but them and <paramref name="texts"/>.</summary>
    /// <param name="entries">Read as far as the blocks are.</param>
    /// <param name="texts">Entries of a block at most.</param>
    public static IEnumerable<TextBlock> Of(IEnumerable<TextEntry> entries, int texts)
    {
        var (open, characters, number) = (new List<TextEntry>(), 0L, 0);
        foreach (var entry in entries)
        {
            open.Add(entry);
            characters += entry.Text.Length;
            if (open.Count < texts && characters < Characters) continue;
            yield return new TextBlock(number++, open, HashOf(open));
            (open, characters) = ([], 0);
        }
        if (open.Count > 0) yield return new TextBlock(number, open, HashOf(open));
    }

    private static string HashOf(List<TextEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var entry in entries)
            foreach (var part in new[] { entry.Id, entry.Text })
            {
                // The length goes first, so that no text can pass for two.
                BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
                hash.AppendData(length);
                hash.AppendData(Encoding.Unicode.GetBytes(part));
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
