using Recs.Domain;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Reads the texts to embed, by the file's ending. Each enumeration reads the file anew, front to back, and holds little of it.</summary>
internal static class TextFile
{
    /// <exception cref="RefusedException">The file is missing or of another kind, now; an entry is not one, when it is reached.</exception>
    public static IEnumerable<TextEntry> Read(FileInfo file)
    {
        Func<string, IEnumerable<TextEntry>> read = file.Extension.ToLowerInvariant() switch
        {
            ".jsonl" => TextLines.ReadJson,
            ".txt" => TextLines.ReadPlain,
            ".arrow" => ArrowTexts.Read,
            ".parquet" => ParquetTexts.Read,
            _ => throw new RefusedException($"{file.FullName}: the ending says neither .jsonl nor .txt, .arrow or .parquet"),
        };
        return File.Exists(file.FullName) ? read(file.FullName) : throw new RefusedException($"{file.FullName}: no such file");
    }
}
