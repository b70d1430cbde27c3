using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Recs.Domain;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Vectors as an Arrow IPC file: vector is a fixed-size list of float32; a part is a record batch.</summary>
internal sealed class ArrowVectors : VectorFile
{
    public override string Extension => ".arrow";

    public override void Write(string path, VectorSchema schema, IReadOnlyList<VectorRow> rows)
    {
        using var file = File.Create(path);
        var arrow = SchemaOf(schema);
        using var writer = new ArrowFileWriter(file, arrow, leaveOpen: true);
        writer.WriteStart();
        using (var batch = new RecordBatch(arrow, Columns(schema, rows), rows.Count)) writer.WriteRecordBatch(batch);
        writer.WriteEnd();
    }

    public override long Count(string path)
    {
        try
        {
            return Batches(path).Sum(batch => (long)batch.Length);
        }
        catch (Exception broken) when (broken is not (RefusedException or OutOfMemoryException))
        {
            throw new RefusedException($"{path}: not a whole Arrow IPC file: {broken.Message.ReplaceLineEndings(" ")}", broken);
        }
    }

    public override void Join(IReadOnlyList<string> parts, string path, VectorSchema schema)
    {
        using var file = File.Create(path);
        using var writer = new ArrowFileWriter(file, SchemaOf(schema), leaveOpen: true);
        writer.WriteStart();
        foreach (var batch in parts.SelectMany(Batches)) writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        file.Flush(flushToDisk: true);
    }

    private static IEnumerable<RecordBatch> Batches(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new ArrowFileReader(file, leaveOpen: true);
        while (reader.ReadNextRecordBatch() is { } batch)
            using (batch) yield return batch;
    }

    private static Schema SchemaOf(VectorSchema schema) => new([
        new Field("id", StringType.Default, nullable: false),
        new Field("text_hash", StringType.Default, nullable: false),
        new Field("vector", VectorType(schema), nullable: false),
        new Field("signature", StringType.Default, nullable: false),
    ], schema.Metadata);

    private static FixedSizeListType VectorType(VectorSchema schema) => new(new Field("item", FloatType.Default, nullable: false), schema.Dimensions);

    private static IArrowArray[] Columns(VectorSchema schema, IReadOnlyList<VectorRow> rows)
    {
        var (ids, hashes, signatures, values) = (new StringArray.Builder(), new StringArray.Builder(), new StringArray.Builder(), new FloatArray.Builder());
        foreach (var row in rows)
        {
            ids.Append(row.Id);
            hashes.Append(row.TextHash);
            values.Append(row.Vector.AsSpan());
            signatures.Append(row.Signature);
        }
        return [ids.Build(), hashes.Build(), new FixedSizeListArray(VectorType(schema), rows.Count, values.Build(), ArrowBuffer.Empty), signatures.Build()];
    }
}
