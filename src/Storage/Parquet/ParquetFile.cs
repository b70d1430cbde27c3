using System.Data.Common;
using DuckDB.NET.Data;
using Recs.Domain;

namespace Recs.Storage.Parquet;

/// <summary>
/// A Parquet file to read: columns and key/value metadata at once, rows in batches. Works in an in-memory DuckDB of its own.
/// Thread rule: one thread at a time per instance; several instances may read one file.
/// </summary>
public sealed class ParquetFile : IDisposable
{
    private readonly DuckDBConnection _connection;

    private ParquetFile(string path, DuckDBConnection connection)
    {
        Path = path;
        _connection = connection;
        Columns = [.. Rows("select column_name, column_type from (describe select * from read_parquet($file))",
            row => new ParquetColumn(row.GetString(0), ParquetTypes.Nearest(row.GetString(1))))];
        RowGroups = [.. Rows("select max(row_group_num_rows) from parquet_metadata($file) group by row_group_id order by row_group_id", row => row.GetInt64(0))];
        Metadata = Rows("select decode(key), decode(value) from parquet_kv_metadata($file)", row => (Key: row.GetString(0), Value: row.GetString(1)))
            .GroupBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Last().Value);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>All columns, in file order, each with the nearest type.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>Rows of each row group, in file order: the unit by which a job is split into shards.</summary>
    public IReadOnlyList<long> RowGroups { get; }

    /// <summary>Rows in the file.</summary>
    public long RowCount => RowGroups.Sum();

    /// <summary>The file's key/value metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens <paramref name="path"/> and reads its footer.</summary>
    /// <exception cref="RefusedException">The file is missing or is no Parquet file.</exception>
    public static ParquetFile Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full)) throw new RefusedException($"the Parquet file {full} is not there; check the path, or run the job that writes it");
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
            return new(full, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The batches of all <see cref="Columns"/>, in file order.</summary>
    public IEnumerable<ParquetBatch> Read() => Read(Columns);

    /// <summary>
    /// The rows in file order, in batches of at most <see cref="ParquetBatch.Capacity"/> rows. The batch is one object, filled
    /// anew at each step: copy what must outlive it.
    /// </summary>
    /// <param name="columns">The columns wanted, each converted to the type given.</param>
    /// <param name="first">The first row, from 0.</param>
    /// <param name="count">How many rows at most.</param>
    /// <exception cref="RefusedException">The file has no such column, a value cannot be converted, or the data is broken.</exception>
    public IEnumerable<ParquetBatch> Read(IReadOnlyList<ParquetColumn> columns, long first = 0, long count = long.MaxValue)
    {
        foreach (var (name, _) in columns) Require(name);
        return Batches(columns, first, count);
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void Require(string name)
    {
        if (Columns.All(column => column.Name != name))
            throw new RefusedException($"{Path} has no column '{name}'; it has {string.Join(", ", Columns.Select(column => column.Name))}");
    }

    private IEnumerable<ParquetBatch> Batches(IReadOnlyList<ParquetColumn> columns, long first, long count)
    {
        if (columns.Count == 0 || count <= 0) yield break;
        var all = first == 0 && count == long.MaxValue;
        var values = string.Join(", ", columns.Select(column => $"cast({ParquetTypes.Quoted(column.Name)} as {column.Type.Sql()})"));
        using var command = _connection.CreateCommand();
        command.UseStreamingMode = true;
#pragma warning disable CA2100 // only column names of the file, quoted
        command.CommandText = all
            ? $"select {values} from read_parquet($file)"
            : $"select {values} from read_parquet($file, file_row_number = true) where file_row_number >= $first and file_row_number - $first < $count";
#pragma warning restore CA2100
        command.Parameters.Add(new DuckDBParameter("file", Pattern(Path)));
        if (!all)
        {
            command.Parameters.Add(new DuckDBParameter("first", first));
            command.Parameters.Add(new DuckDBParameter("count", count));
        }
        using var rows = Guarded(command.ExecuteReader);
        var batch = new ParquetBatch(columns);
        while (Guarded(() => batch.Fill(rows))) yield return batch;
    }

    private List<T> Rows<T>(string sql, Func<DbDataReader, T> read) => Guarded(() =>
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.Add(new DuckDBParameter("file", Pattern(Path)));
        using var rows = command.ExecuteReader();
        var list = new List<T>();
        while (rows.Read()) list.Add(read(rows));
        return list;
    });

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDBException fault)
        {
            throw new RefusedException($"cannot read {Path} as Parquet: {fault.Message.Split('\n')[0]}; write the file again", fault);
        }
    }

    // read_parquet takes a pattern: signs that mean something in it stand for themselves inside brackets.
    internal static string Pattern(string path) => string.Concat(path.Select(sign => sign is '*' or '?' or '[' ? $"[{sign}]" : sign.ToString()));
}
