using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Recs.Embedder;

namespace Recs.Pipelines.Embed;

/// <summary>
/// Vectors as an Arrow IPC file: id and text_hash (SHA-256 in hex) as strings, vector as a fixed-size list of float32.
/// The schema's metadata names the embedding version, so that a reader can refuse to mix.
/// </summary>
internal static class VectorFile
{
    /// <summary>Rows a record batch: 16 MB of vectors at 256 dimensions.</summary>
    private const int RowsPerBatch = 16_384;

    /// <param name="output">Written front to back, not closed.</param>
    /// <param name="texts">One entry a row.</param>
    /// <param name="vectors">One a row, in the order of <paramref name="texts"/>.</param>
    /// <param name="embedder">What made them.</param>
    /// <param name="cancel">Asked before each record batch.</param>
    public static async Task WriteAsync(Stream output, IReadOnlyList<TextEntry> texts, TextEmbedding[] vectors, Llama4Embedder embedder, CancellationToken cancel)
    {
        var item = new Field("item", FloatType.Default, nullable: false);
        var vectorType = new FixedSizeListType(item, embedder.Dimensions);
        var schema = new Schema.Builder()
            .Field(new Field("id", StringType.Default, nullable: false))
            .Field(new Field("text_hash", StringType.Default, nullable: false))
            .Field(new Field("vector", vectorType, nullable: false))
            .Metadata("embedding_version", embedder.Version)
            .Metadata("embedding_template", embedder.Template.Pattern)
            .Build();
        using var writer = new ArrowFileWriter(output, schema, leaveOpen: true);
        await writer.WriteStartAsync(cancel);
        for (var first = 0; first < texts.Count; first += RowsPerBatch)
        {
            var rows = Math.Min(RowsPerBatch, texts.Count - first);
            using var batch = new RecordBatch(schema, BuildColumns(texts, vectors, vectorType, first, rows), rows);
            await writer.WriteRecordBatchAsync(batch, cancel);
        }
        await writer.WriteEndAsync(cancel);
    }

    private static IArrowArray[] BuildColumns(IReadOnlyList<TextEntry> texts, TextEmbedding[] vectors, FixedSizeListType type, int first, int rows)
    {
        var (ids, hashes, values) = (new StringArray.Builder(), new StringArray.Builder(), new FloatArray.Builder());
        for (var row = first; row < first + rows; row++)
        {
            ids.Append(texts[row].Id);
            hashes.Append(ContentHash.Of(texts[row].Text));
            values.Append(vectors[row].Vector.AsSpan());
        }
        return [ids.Build(), hashes.Build(), new FixedSizeListArray(type, rows, values.Build(), ArrowBuffer.Empty)];
    }
}
