using DuckDB.NET.Data;
using Recs.Domain;

namespace Recs.Storage.DuckDb;

/// <summary>An open DuckDB database. A file belongs to one process; within it every opener shares one database.</summary>
/// <param name="Name">For messages and as the store's URL.</param>
/// <param name="Connection">Open.</param>
/// <param name="Writers">What those who write to it share.</param>
internal sealed record DuckDbFile(string Name, DuckDBConnection Connection, DuckDbWriters Writers) : IDisposable
{

    /// <param name="path">A file, made when missing, or ":memory:".</param>
    /// <exception cref="RefusedException">The file is broken, in use, or cannot be made.</exception>
    public static DuckDbFile Open(string path)
    {
        if (path == ":memory:") return new("duckdb::memory:", Connect(path, path), new DuckDbWriters());
        if (string.IsNullOrWhiteSpace(path)) throw new RefusedException($"the store URL 'duckdb:' names no file; {EventStore.Expected}");
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw new RefusedException($"cannot open {full} as a DuckDB file: it is a folder; name a file in it");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"cannot make the folder of {full}: {fault.Message}", fault);
        }
        return new($"duckdb:{full}", Connect(full, full), DuckDbWriters.Join(full));
    }

    public void Dispose()
    {
        Connection.Dispose();
        Writers.Leave();
    }

    private static DuckDBConnection Connect(string source, string shown)
    {
        var connection = new DuckDBConnection(new DuckDBConnectionStringBuilder { DataSource = source }.ConnectionString);
        try
        {
            connection.Open();
            // Default 16 MB: a checkpoint every few batches took as long as the batches.
            using var command = connection.CreateCommand();
            command.CommandText = "set checkpoint_threshold = '256MB'";
            command.ExecuteNonQuery();
            return connection;
        }
        catch (DuckDBException fault)
        {
            connection.Dispose();
            throw new RefusedException(Refusal(shown, fault.Message), fault);
        }
    }

    private static string Refusal(string path, string reason)
    {
        if (reason.Contains("lock", StringComparison.OrdinalIgnoreCase))
            return $"{path} is in use by another process; stop that one, or use PostgreSQL, which several processes may share";
        if (reason.Contains("not a valid DuckDB", StringComparison.OrdinalIgnoreCase))
            return $"{path} is not a DuckDB file; name another file, or move this one away to begin anew";
        return $"cannot open {path} as a DuckDB file: {reason.ReplaceLineEndings(" ")}; restore it from a copy, or move it away to begin anew";
    }
}
