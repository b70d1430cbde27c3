using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Recs.Domain;

namespace Recs.Pipelines.Score.Files;

/// <summary>Feature rows as Arrow IPC, a file or a stream; a part is a record batch. Compressed batches are refused: nothing is gained by them on a pipe.</summary>
internal sealed class ArrowRows : RowFile
{
    private static readonly byte[] FileMagic = "ARROW1"u8.ToArray();

    private readonly Stream _stream;
    private readonly ArrowStreamReader _reader;
    private readonly int[] _features;
    private readonly int[] _keyColumns;
    private readonly int? _parts;

    private ArrowRows(string name, Stream stream, ArrowStreamReader reader, ScorePlan plan)
        : base(name)
    {
        (_stream, _reader) = (stream, reader);
        try
        {
            var schema = Guarded(() => reader.Schema) ?? throw new RefusedException($"{name}: the Arrow stream ended before its schema");
            RequireVersions(plan, schema.Metadata is null ? null : new Dictionary<string, string>(schema.Metadata));
            List<(string Name, string Type)> columns = [.. schema.FieldsList.Select(field => (field.Name, TypeOf(field.DataType)))];
            _features = Find(plan, columns, "float");
            Keys = [.. KeyNames.Where(key => columns.Any(column => column.Name == key))];
            _keyColumns = [.. Keys.Select(key => columns.FindIndex(column => column.Name == key))];
            foreach (var at in _keyColumns)
                if (columns[at].Type != "text") throw new RefusedException($"{Name}: column '{columns[at].Name}' holds {columns[at].Type}, expected text");
            Plan = plan;
            _parts = reader is ArrowFileReader file ? Guarded(() => file.RecordBatchCountAsync().AsTask().GetAwaiter().GetResult()) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override IReadOnlyList<string> Keys { get; }

    public override int? PartCount => _parts;

    private ScorePlan Plan { get; }

    /// <summary>A file, in the form of a file or of a stream.</summary>
    public static ArrowRows OpenFile(string path, ScorePlan plan)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        Span<byte> magic = stackalloc byte[6];
        var isFile = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(FileMagic);
        stream.Position = 0;
        return new(path, stream, isFile ? new ArrowFileReader(stream, leaveOpen: true) : new ArrowStreamReader(stream, leaveOpen: true), plan);
    }

    /// <summary>A pipe.</summary>
    public static ArrowRows Of(Stream stream, ScorePlan plan) => new("standard input", stream, new ArrowStreamReader(stream, leaveOpen: true), plan);

    public override IEnumerable<Func<PartScorer, ScoredPart>> Parts(Func<int, bool> wanted)
    {
        var first = 0L;
        for (var part = 0; Guarded(_reader.ReadNextRecordBatch) is { } batch; part++)
        {
            var begin = first;
            first += batch.Length;
            if (wanted(part)) yield return scorer => Guarded(() => Score(batch, begin, scorer));
            else batch.Dispose();
        }
    }

    public override void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    private ScoredPart Score(RecordBatch batch, long firstRow, PartScorer scorer)
    {
        using var _ = batch;
        scorer.Begin(batch.Length);
        var columns = _features.Select((at, column) => Whole((FloatArray)batch.Column(at), Plan.Columns[column], firstRow)).ToArray();
        for (var first = 0; first < batch.Length; first += PartScorer.Chunk)
        {
            var count = Math.Min(PartScorer.Chunk, batch.Length - first);
            for (var column = 0; column < columns.Length; column++) scorer.Fill(column, columns[column].Values.Slice(first, count), Name, firstRow + first);
            scorer.Score(first, count);
        }
        return new(batch.Length, [.. _keyColumns.Select((at, key) => Copy(Whole((StringArray)batch.Column(at), Keys[key], firstRow)))], scorer.End());
    }

    private TArray Whole<TArray>(TArray array, string column, long firstRow)
        where TArray : Apache.Arrow.Array
    {
        if (array.NullCount != 0) throw new RefusedException($"{Name}, rows {firstRow} to {firstRow + array.Length - 1}: {column} is missing in one");
        return array;
    }

    /// <summary>The batch's memory goes with it.</summary>
    private static StringArray Copy(StringArray texts)
    {
        var copy = new StringArray.Builder();
        for (var row = 0; row < texts.Length; row++) copy.Append(texts.GetBytes(row));
        return copy.Build();
    }

    private static string TypeOf(IArrowType type) => type.TypeId switch
    {
        ArrowTypeId.Float => "float",
        ArrowTypeId.String => "text",
        var other => other.ToString().ToLowerInvariant(),
    };

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception broken) when (broken is not (RefusedException or OutOfMemoryException or OperationCanceledException))
        {
            throw new RefusedException($"cannot read {Name} as Arrow IPC: {broken.Message.ReplaceLineEndings(" ").Trim()}; write it again, uncompressed", broken);
        }
    }
}
