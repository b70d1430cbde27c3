using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Score.Files;

/// <summary>Scores as Parquet; a part is a row group.</summary>
internal sealed class ParquetScores : ScoreSink
{
    private readonly PartialFile _file;
    private readonly ManagedOutputStream _stream;
    private readonly ParquetFileWriter _writer;

    public ParquetScores(string path, ScorePlan plan, IReadOnlyList<string> keys, ScoreOrigin origin)
    {
        _file = new PartialFile(new FileInfo(path));
        using var text = LogicalType.String();
        using var none = LogicalType.None();
        Node[] columns =
        [
            .. keys.Select(key => new PrimitiveNode(key, Repetition.Required, text, PhysicalType.ByteArray)),
            .. plan.Heads.Select(head => new PrimitiveNode(head.Name, Repetition.Required, none, PhysicalType.Float)),
        ];
        using var schema = new GroupNode("schema", Repetition.Required, columns);
        // Scores hardly repeat: a dictionary of them costs time and saves nothing.
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Snappy);
        foreach (var head in plan.Heads) builder.DisableDictionary(head.Name);
        using var properties = builder.Build();
        _stream = new ManagedOutputStream(_file.Stream, leaveOpen: true);
        _writer = new ParquetFileWriter(_stream, schema, properties, plan.Metadata(origin));
        foreach (var column in columns) column.Dispose();
    }

    public override void Write(ScoredPart part)
    {
        try
        {
            using var rows = _writer.AppendRowGroup();
            foreach (var key in part.Keys)
            {
                using var column = (ColumnWriter<ByteArray>)rows.NextColumn();
                WriteTexts(column, key);
            }
            foreach (var scores in part.Scores)
            {
                using var column = (ColumnWriter<float>)rows.NextColumn();
                column.WriteBatch(scores);
            }
        }
        catch (ParquetException failed)
        {
            throw new RefusedException($"cannot write the scores: {ParquetFault.Text(failed)}", failed);
        }
    }

    public override void Finish()
    {
        _writer.Close();
        _stream.Dispose();
        _file.Stream.Flush(flushToDisk: true);
        _file.Keep();
    }

    public override void Dispose()
    {
        _writer.Dispose();
        _stream.Dispose();
        _file.Dispose();
    }

    private static unsafe void WriteTexts(ColumnWriter<ByteArray> column, Apache.Arrow.StringArray texts)
    {
        var offsets = texts.ValueOffsets;
        var pointers = new ByteArray[texts.Length];
        fixed (byte* bytes = texts.ValueBuffer.Span)
        {
            for (var row = 0; row < pointers.Length; row++) pointers[row] = new ByteArray((nint)(bytes + offsets[row]), offsets[row + 1] - offsets[row]);
            column.WriteBatch(pointers);
        }
    }
}
