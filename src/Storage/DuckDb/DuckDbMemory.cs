using System.Data.Common;
using System.Globalization;

namespace Recs.Storage.DuckDb;

/// <summary>
/// How many bytes DuckDB may hold of one database: few while facts are appended, for it would keep every block it has written, up to four fifths of the machine, and none is asked
/// for again; its own bound for sorts and joins. Safe from any thread.
/// </summary>
internal sealed class DuckDbMemory
{
    /// <summary>While facts are appended.</summary>
    private const long WriterBytes = 512 << 20;

    private readonly Lock _turn = new();
    private string? _own;
    private bool _isBounded;

    /// <summary>Bounds it until the next <see cref="ForReports"/>.</summary>
    public void ForAppends(DbConnection connection)
    {
        lock (_turn)
        {
            if (_isBounded || GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 2 * WriterBytes) return; // a small machine's own bound is below this one
            _own ??= (string)Run(connection, "select current_setting('memory_limit')")!;
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"set memory_limit = '{WriterBytes >> 20}MiB'"));
            _isBounded = true;
        }
    }

    /// <summary>The engine's own bound until the next <see cref="ForAppends"/>.</summary>
    public void ForReports(DbConnection connection)
    {
        lock (_turn)
        {
            if (!_isBounded) return;
            // Not "reset": DuckDB 1.5 then shows its own bound again and keeps to the one before.
            Run(connection, $"set memory_limit = '{_own}'");
            _isBounded = false;
        }
    }

    private static object? Run(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
