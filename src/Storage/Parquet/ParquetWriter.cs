using DuckDB.NET.Data;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Parquet;

/// <summary>
/// Writes a Parquet file: values in column order, <see cref="EndRow"/> after each row, <see cref="Finish"/> at the end.
/// Rows wait in an in-memory DuckDB; the file appears under its name whole or not at all. Thread rule: one thread.
/// </summary>
public sealed class ParquetWriter : IDisposable
{
    private readonly string _path;
    private readonly IReadOnlyList<ParquetColumn> _columns;
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private readonly DuckDBConnection _connection;
    private readonly DuckDBAppender _appender;
    private IDuckDBAppenderRow? _row;
    private int _next;

    /// <param name="path">The file to be; replaced when it is there.</param>
    /// <param name="columns">At least one, names distinct.</param>
    /// <param name="metadata">Key/value pairs kept in the file, such as a schema hash.</param>
    public ParquetWriter(string path, IReadOnlyList<ParquetColumn> columns, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count);
        _path = Path.GetFullPath(path);
        _columns = columns;
        _metadata = metadata ?? new Dictionary<string, string>();
        _connection = new DuckDBConnection("DataSource=:memory:");
        _connection.Open();
        Execute($"create table row ({string.Join(", ", columns.Select(column => $"{ParquetTypes.Quoted(column.Name)} {column.Type.Sql()}"))})");
        _appender = _connection.CreateAppender("row");
    }

    /// <summary>Rows ended so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Writes text; null for missing.</summary>
    public void Text(string? value) => Next(ParquetType.Text).AppendValue(value);

    /// <summary>Writes a 32-bit float; null for missing.</summary>
    public void Float(float? value) => Next(ParquetType.Float).AppendValue(value);

    /// <summary>Writes a 64-bit float; null for missing.</summary>
    public void Double(double? value) => Next(ParquetType.Double).AppendValue(value);

    /// <summary>Writes a 32-bit integer; null for missing.</summary>
    public void Int(int? value) => Next(ParquetType.Int).AppendValue(value);

    /// <summary>Writes a 64-bit integer; null for missing.</summary>
    public void Long(long? value) => Next(ParquetType.Long).AppendValue(value);

    /// <summary>Writes a moment; null for missing.</summary>
    public void Time(Timestamp? value) => Next(ParquetType.Timestamp).AppendValue(value is { } time ? SqlTime.Of(time) : null);

    /// <summary>Writes a UTC day; null for missing.</summary>
    public void Day(DateOnly? value) => Next(ParquetType.Date).AppendValue(value);

    /// <summary>Writes true or false; null for missing.</summary>
    public void Bool(bool? value) => Next(ParquetType.Bool).AppendValue(value);

    /// <summary>Writes a list of floats.</summary>
    public void Vector(float[] value) => Next(ParquetType.Vector).AppendValue(value);

    /// <summary>Ends the row.</summary>
    /// <exception cref="InvalidOperationException">A column has no value yet.</exception>
    public void EndRow()
    {
        if (_row is null || _next != _columns.Count)
            throw new InvalidOperationException($"a row of {_path} has {_next} values, it needs {_columns.Count}");
        _row.EndRow();
        (_row, _next) = (null, 0);
        RowCount++;
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="RefusedException">The folder cannot be written.</exception>
    public void Finish()
    {
        _appender.Close();
        var partial = _path + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            Execute($"copy row to {ParquetTypes.Literal(partial)} {ParquetTypes.CopyOptions(_metadata)}");
            File.Move(partial, _path, overwrite: true);
        }
        catch (Exception fault) when (fault is DuckDBException or IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"cannot write {_path}: {fault.Message.Split('\n')[0]}; choose a folder with room that may be written", fault);
        }
    }

    /// <summary>Drops what was not finished.</summary>
    public void Dispose()
    {
        _appender.Dispose();
        _connection.Dispose();
    }

    private IDuckDBAppenderRow Next(ParquetType type)
    {
        if (_next == _columns.Count) throw new InvalidOperationException($"a row of {_path} has only {_columns.Count} columns; call EndRow");
        if (_columns[_next].Type != type) throw new InvalidOperationException($"column '{_columns[_next].Name}' of {_path} holds {_columns[_next].Type}, not {type}");
        _next++;
        return _row ??= _appender.CreateRow();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // names and texts are quoted
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
