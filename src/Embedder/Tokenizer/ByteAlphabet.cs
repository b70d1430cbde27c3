namespace Recs.Embedder.Tokenizer;

/// <summary>
/// GPT-2's way to write bytes as printable characters in JSON: printable Latin-1 stands for itself, the other 68 bytes in their
/// order for U+0100 and up.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly Dictionary<char, char> BytesByCharacter = Build();

    /// <summary>One char (0 to 255) a byte; false when a character stands for no byte.</summary>
    public static bool TryDecode(string written, out string bytes)
    {
        bytes = "";
        var decoded = new char[written.Length];
        for (var i = 0; i < written.Length; i++)
            if (!BytesByCharacter.TryGetValue(written[i], out decoded[i])) return false;
        bytes = new string(decoded);
        return true;
    }

    private static Dictionary<char, char> Build()
    {
        var bytes = new Dictionary<char, char>();
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            bytes[printable ? (char)value : (char)next++] = (char)value;
        }
        return bytes;
    }
}
