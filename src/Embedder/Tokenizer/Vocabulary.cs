using Recs.Domain;

namespace Recs.Embedder.Tokenizer;

/// <summary>Token bytes → id. Bytes are held as strings of one char (0 to 255) a byte, so that spans can be looked up. Thread-safe once built.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly int[] _bytes = new int[256];

    /// <param name="ids">Ids by token bytes.</param>
    /// <param name="path">The file they come from, for messages.</param>
    /// <exception cref="RefusedException">A single byte has no token, so some text could not be written.</exception>
    public Vocabulary(Dictionary<string, int> ids, string path)
    {
        _ids = ids;
        _bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var value = 0; value < 256; value++)
            if (!ids.TryGetValue(((char)value).ToString(), out _bytes[value]))
                throw new RefusedException($"{path}: byte 0x{value:X2} has no token of its own; a byte-level vocabulary needs all 256");
    }

    public int OfByte(char value) => _bytes[value];

    public bool TryFind(ReadOnlySpan<char> bytes, out int id) => _bySpan.TryGetValue(bytes, out id);

    public bool TryFind(string bytes, out int id) => _ids.TryGetValue(bytes, out id);
}
