using Recs.Domain;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Texts of a Parquet file with the columns id (text or whole numbers) and text.</summary>
internal static class ParquetTexts
{
    public static IEnumerable<TextEntry> Read(string path)
    {
        using var file = ParquetFile.Open(path);
        var row = 0L;
        foreach (var batch in file.Read([new("id", ParquetType.Text), new("text", ParquetType.Text)]))
            for (var at = 0; at < batch.Count; at++)
            {
                row++;
                var (id, text) = (batch.Texts(0)[at], batch.Texts(1)[at]);
                if (string.IsNullOrEmpty(id)) throw new RefusedException($"{path}, row {row}: the id is missing or empty");
                yield return new TextEntry(id, text ?? throw new RefusedException($"{path}, row {row}: the text is missing"));
            }
    }
}
