using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Score.Files;

/// <summary>Scores as Arrow IPC, a file or a stream; a part is a record batch.</summary>
internal sealed class ArrowScores : ScoreSink
{
    private readonly PartialFile? _file;
    private readonly Stream _stream;
    private readonly Schema _schema;
    private readonly ArrowStreamWriter _writer;

    /// <summary>A file.</summary>
    public ArrowScores(string path, ScorePlan plan, IReadOnlyList<string> keys, ScoreOrigin origin)
    {
        _file = new PartialFile(new FileInfo(path));
        (_stream, _schema) = (_file.Stream, SchemaOf(plan, keys, origin));
        _writer = new ArrowFileWriter(_stream, _schema, leaveOpen: true);
        _writer.WriteStart();
    }

    /// <summary>A pipe: the schema goes out at once, and each part when it is written.</summary>
    public ArrowScores(Stream pipe, ScorePlan plan, IReadOnlyList<string> keys, ScoreOrigin origin)
    {
        (_stream, _schema) = (pipe, SchemaOf(plan, keys, origin));
        _writer = new ArrowStreamWriter(_stream, _schema, leaveOpen: true);
        _writer.WriteStart();
        _stream.Flush();
    }

    public override void Write(ScoredPart part)
    {
        using var batch = new RecordBatch(_schema, [.. part.Keys, .. part.Scores.Select(Column)], part.Rows);
        _writer.WriteRecordBatch(batch);
        if (_file is null) _stream.Flush();
    }

    public override void Finish()
    {
        _writer.WriteEnd();
        _stream.Flush();
        if (_file is null) return;
        _file.Stream.Flush(flushToDisk: true);
        _file.Keep();
    }

    public override void Dispose()
    {
        _writer.Dispose();
        _file?.Dispose();
    }

    private static FloatArray Column(float[] scores) =>
        new(new ArrowBuffer(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(scores).ToArray()), ArrowBuffer.Empty, scores.Length, 0, 0);

    private static Schema SchemaOf(ScorePlan plan, IReadOnlyList<string> keys, ScoreOrigin origin) =>
        new([.. keys.Select(key => new Field(key, StringType.Default, nullable: false)), .. plan.Heads.Select(head => new Field(head.Name, FloatType.Default, nullable: false))], plan.Metadata(origin));
}
