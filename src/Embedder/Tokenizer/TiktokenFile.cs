using System.Text;
using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Tokenizer;

/// <summary>
/// Reads Meta's tokenizer.model: a line a token, base64 bytes and rank. The special ids follow the last rank, begin-of-text first;
/// it is put before each text, as Hugging Face does with the same vocabulary.
/// </summary>
internal static class TiktokenFile
{
    /// <exception cref="RefusedException">A line is not a token and its rank.</exception>
    public static TokenizerModel Read(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Encoding.Latin1.GetString(JsonFile.ReadBytes(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !int.TryParse(line.AsSpan(space + 1).TrimEnd(), out var rank) || rank < 0 || !TryDecode(line.AsSpan(0, space), out var bytes))
                throw new RefusedException($"{path}: line {number} is not base64 bytes and a rank; the file is damaged or not a tiktoken vocabulary");
            if (!ids.TryAdd(bytes, rank)) throw new RefusedException($"{path}: line {number} repeats the bytes of an earlier line; the file is damaged");
        }
        if (ids.Count == 0) throw new RefusedException($"{path}: no tokens in it");
        var vocabulary = new Vocabulary(ids, path);
        return new TokenizerModel(vocabulary, new RankMerges(vocabulary), WholePiecesFirst: true, Prefix: [ids.Values.Max() + 1], Suffix: []);
    }

    private static bool TryDecode(ReadOnlySpan<char> base64, out string bytes)
    {
        var buffer = new byte[base64.Length];
        var decoded = Convert.TryFromBase64Chars(base64, buffer, out var count) && count > 0;
        bytes = Encoding.Latin1.GetString(buffer, 0, count);
        return decoded;
    }
}
