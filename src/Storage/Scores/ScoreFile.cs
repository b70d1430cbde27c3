using Recs.Domain;
using Recs.Domain.Ranking;
using Recs.Storage.Parquet;

namespace Recs.Storage.Scores;

/// <summary>Batch scores as a Parquet file: columns <c>user, item, score, rank, model_version, embedding_version</c>.</summary>
public static class ScoreFile
{
    private static readonly ParquetColumn ModelVersion = new("model_version", ParquetType.Text);

    private static readonly ParquetColumn[] Columns =
    [
        new("user", ParquetType.Text), new("item", ParquetType.Text), new("score", ParquetType.Float), new("rank", ParquetType.Int),
        ModelVersion, new("embedding_version", ParquetType.Text),
    ];

    /// <summary>Writes <paramref name="scores"/> in the order they come.</summary>
    /// <returns>Rows written.</returns>
    public static long Write(string path, IEnumerable<ScoredItem> scores)
    {
        using var writer = new ParquetWriter(path, Columns);
        foreach (var score in scores)
        {
            writer.Text(score.User.Value);
            writer.Text(score.Item.Value);
            writer.Float(score.Score);
            writer.Int(score.Rank);
            writer.Text(score.ModelVersion);
            writer.Text(score.EmbeddingVersion);
            writer.EndRow();
        }
        writer.Finish();
        return writer.RowCount;
    }

    /// <summary>The rows of <paramref name="path"/> in file order, streamed.</summary>
    /// <exception cref="RefusedException">The file is missing, broken or has other columns.</exception>
    public static IEnumerable<ScoredItem> Read(string path)
    {
        using var file = ParquetFile.Open(path);
        var number = 0L;
        foreach (var batch in file.Read(Columns))
            for (var row = 0; row < batch.Count; row++)
            {
                number++;
                yield return new(new(Text(batch, 0, row)), new(Text(batch, 1, row)), batch.Floats(2)[row], batch.Ints(3)[row], Text(batch, 4, row), Text(batch, 5, row));
            }

        string Text(ParquetBatch batch, int column, int row) => batch.Texts(column)[row] is { Length: > 0 } text ? text
            : throw new RefusedException($"row {number} of {path} has no {Columns[column].Name}; write the file again");
    }

    internal static IReadOnlySet<string> ModelVersions(string path)
    {
        using var file = ParquetFile.Open(path);
        var versions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in file.Read([ModelVersion]))
            foreach (var version in batch.Texts(0))
                versions.Add(version ?? "");
        return versions;
    }
}
