using Recs.Storage.Parquet;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Vectors as a Parquet file: vector is a list of float32.</summary>
internal sealed class ParquetVectors : VectorFile
{
    /// <summary>What the vectors of a row group may take: the writer holds one row group.</summary>
    private const int GroupBytes = 16 << 20;

    private const int MostRowsPerGroup = 122_880;

    private static readonly ParquetColumn[] Columns =
        [new("id", ParquetType.Text), new("text_hash", ParquetType.Text), new("vector", ParquetType.Vector), new("signature", ParquetType.Text)];

    public override string Extension => ".parquet";

    public override void Write(string path, VectorSchema schema, IReadOnlyList<VectorRow> rows)
    {
        using var writer = new ParquetWriter(path, Columns, schema.Metadata);
        foreach (var row in rows)
        {
            writer.Text(row.Id);
            writer.Text(row.TextHash);
            writer.Vector(row.Vector);
            writer.Text(row.Signature);
            writer.EndRow();
        }
        writer.Finish();
    }

    public override long Count(string path)
    {
        using var file = ParquetFile.Open(path);
        return file.RowCount;
    }

    public override void Join(IReadOnlyList<string> parts, string path, VectorSchema schema)
    {
        if (parts.Count == 0)
        {
            Write(path, schema, []);
            return;
        }
        var rows = GroupBytes / (sizeof(float) * schema.Dimensions) / ParquetConcatenation.LeastRowsPerGroup * ParquetConcatenation.LeastRowsPerGroup;
        ParquetConcatenation.Write(parts, path, schema.Metadata, Math.Clamp(rows, ParquetConcatenation.LeastRowsPerGroup, MostRowsPerGroup));
    }
}
