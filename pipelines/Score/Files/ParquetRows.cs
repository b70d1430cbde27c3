using System.Collections.Concurrent;
using Apache.Arrow;
using ParquetSharp;
using Recs.Domain;

namespace Recs.Pipelines.Score.Files;

/// <summary>Feature rows in Parquet; a part is a row group, read a few hundred rows at a time, so that memory does not grow with the file or its groups.</summary>
internal sealed class ParquetRows : RowFile
{
    /// <summary>Read ahead of one column.</summary>
    private const int ColumnBufferBytes = 64 << 10;

    private readonly ScorePlan _plan;
    private readonly int[] _features;
    private readonly int[] _keyColumns;
    private readonly long[] _firstRow;
    // A reader belongs to one thread at a time, and opening one reads the footer: they are kept.
    private readonly ConcurrentBag<ParquetFileReader> _idle = [];

    public ParquetRows(string path, ScorePlan plan)
        : base(path)
    {
        _plan = plan;
        var reader = Guarded(Open);
        _idle.Add(reader);
        try
        {
            var file = reader.FileMetaData;
            RequireVersions(plan, file.KeyValueMetadata);
            List<(string Name, string Type)> columns = [.. Enumerable.Range(0, file.NumColumns).Select(at => file.Schema.Column(at)).Select(column => (column.Path.ToDotString(), TypeOf(column)))];
            _features = Find(plan, columns, "float");
            Keys = [.. KeyNames.Where(name => columns.Any(column => column.Name == name))];
            _keyColumns = [.. Keys.Select(key => columns.FindIndex(column => column.Name == key))];
            foreach (var at in _keyColumns)
                if (columns[at].Type != "text") throw new RefusedException($"{Name}: column '{columns[at].Name}' holds {columns[at].Type}, expected text");
            _firstRow = new long[file.NumRowGroups + 1];
            for (var group = 0; group < file.NumRowGroups; group++)
            {
                using var rows = reader.RowGroup(group);
                _firstRow[group + 1] = _firstRow[group] + rows.MetaData.NumRows;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override IReadOnlyList<string> Keys { get; }

    public override int? PartCount => _firstRow.Length - 1;

    public override IEnumerable<Func<PartScorer, ScoredPart>> Parts(Func<int, bool> wanted)
    {
        for (var group = 0; group < PartCount; group++)
        {
            if (!wanted(group)) continue;
            var number = group;
            yield return scorer => Guarded(() => Score(number, scorer));
        }
    }

    public override void Dispose()
    {
        while (_idle.TryTake(out var reader)) reader.Dispose();
    }

    private ParquetFileReader Open()
    {
        var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream();
        properties.BufferSize = ColumnBufferBytes;
        return new ParquetFileReader(Name, properties);
    }

    private ScoredPart Score(int group, PartScorer scorer)
    {
        var reader = _idle.TryTake(out var idle) ? idle : Open();
        try
        {
            using var rows = reader.RowGroup(group);
            var count = checked((int)rows.MetaData.NumRows);
            scorer.Begin(count);
            var columns = _features.Select(at => new FloatColumn(rows.Column(at))).ToArray();
            var keys = _keyColumns.Select(at => new TextColumn(rows.Column(at))).ToArray();
            var values = new float[PartScorer.Chunk];
            for (var first = 0; first < count; first += PartScorer.Chunk)
            {
                var chunk = values.AsSpan(0, Math.Min(PartScorer.Chunk, count - first));
                var row = _firstRow[group] + first;
                for (var column = 0; column < columns.Length; column++)
                {
                    if (!columns[column].Read(chunk)) throw new RefusedException($"{Name}, rows {row} to {row + chunk.Length - 1}: {_plan.Columns[column]} is missing in one, expected a finite number");
                    scorer.Fill(column, chunk, Name, row);
                }
                for (var key = 0; key < keys.Length; key++)
                    if (!keys[key].Read(chunk.Length)) throw new RefusedException($"{Name}, rows {row} to {row + chunk.Length - 1}: {Keys[key]} is missing in one");
                scorer.Score(first, chunk.Length);
            }
            foreach (var column in columns) column.Dispose();
            foreach (var key in keys) key.Dispose();
            _idle.Add(reader); // not after a fault: a reader that threw is in doubt
            return new(count, [.. keys.Select(key => key.Build())], scorer.End());
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static string TypeOf(ColumnDescriptor column) => column switch
    {
        { MaxRepetitionLevel: > 0 } => "a list",
        { PhysicalType: PhysicalType.Float, LogicalType: NoneLogicalType } => "float",
        { PhysicalType: PhysicalType.ByteArray, LogicalType: StringLogicalType } => "text",
        { LogicalType: NoneLogicalType } => column.PhysicalType.ToString().ToLowerInvariant(),
        _ => $"{column.PhysicalType} ({column.LogicalType.GetType().Name.Replace("LogicalType", "", StringComparison.Ordinal)})".ToLowerInvariant(),
    };

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception broken) when (broken is ParquetException or OverflowException)
        {
            throw new RefusedException($"cannot read {Name} as Parquet: {ParquetFault.Text(broken)}; write the file again", broken);
        }
    }

    /// <summary>One feature of a row group, from its first row on.</summary>
    private sealed class FloatColumn(ColumnReader column) : IDisposable
    {
        private readonly ColumnReader<float> _column = (ColumnReader<float>)column;
        private readonly short[]? _levels = column.ColumnDescriptor.MaxDefinitionLevel > 0 ? new short[PartScorer.Chunk] : null;

        /// <returns>False when a value is missing.</returns>
        public bool Read(Span<float> into)
        {
            for (var at = 0; at < into.Length;)
            {
                // Of a column that may have gaps the values come without them: as many values as rows means that there is none.
                var rows = _column.ReadBatch(into.Length - at, _levels.AsSpan(0, _levels is null ? 0 : into.Length - at), default, into[at..], out var values);
                if (values != rows || rows == 0) return false;
                at += (int)rows;
            }
            return true;
        }

        public void Dispose() => _column.Dispose();
    }

    /// <summary>One key of a row group; its text is copied as bytes.</summary>
    private sealed class TextColumn(ColumnReader column) : IDisposable
    {
        private readonly ColumnReader<ByteArray> _column = (ColumnReader<ByteArray>)column;
        private readonly short[]? _levels = column.ColumnDescriptor.MaxDefinitionLevel > 0 ? new short[PartScorer.Chunk] : null;
        private readonly ByteArray[] _texts = new ByteArray[PartScorer.Chunk];
        private readonly StringArray.Builder _all = new();

        /// <returns>False when a text is missing.</returns>
        public unsafe bool Read(int count)
        {
            for (var left = count; left > 0;)
            {
                var rows = _column.ReadBatch(left, _levels.AsSpan(0, _levels is null ? 0 : left), default, _texts.AsSpan(0, left), out var values);
                if (values != rows || rows == 0) return false;
                // The bytes belong to the reader until its next call.
                foreach (var text in _texts.AsSpan(0, (int)rows)) _all.Append(new ReadOnlySpan<byte>((void*)text.Pointer, text.Length));
                left -= (int)rows;
            }
            return true;
        }

        public StringArray Build() => _all.Build();

        public void Dispose() => _column.Dispose();
    }
}
