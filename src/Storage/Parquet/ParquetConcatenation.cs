using System.Globalization;
using DuckDB.NET.Data;
using Recs.Domain;

namespace Recs.Storage.Parquet;

/// <summary>Puts Parquet files of the same columns together, one after the other. Memory holds one row group, however long the files are.</summary>
public static class ParquetConcatenation
{
    /// <summary>DuckDB's vector size: the least that a row group can be.</summary>
    public const int LeastRowsPerGroup = 2_048;

    /// <summary>Writes the rows of <paramref name="parts"/>, in their order, to <paramref name="path"/>. The same parts give the same bytes.</summary>
    /// <param name="parts">At least one.</param>
    /// <param name="path">The file to be; replaced when it is there. Written in place: name one that nobody reads yet, and rename it.</param>
    /// <param name="metadata">Key/value pairs kept in the file.</param>
    /// <param name="rowsPerGroup">At least <see cref="LeastRowsPerGroup"/>.</param>
    /// <exception cref="RefusedException">A part cannot be read, or the file cannot be written.</exception>
    public static void Write(IReadOnlyList<string> parts, string path, IReadOnlyDictionary<string, string> metadata, int rowsPerGroup)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerGroup, LeastRowsPerGroup);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var files = string.Join(", ", parts.Select(part => ParquetTypes.Literal(ParquetFile.Pattern(Path.GetFullPath(part)))));
        var options = ParquetTypes.CopyOptions(metadata, string.Create(CultureInfo.InvariantCulture, $", row_group_size {rowsPerGroup}"));
        try
        {
            // One thread: where row groups end, and so the bytes, would otherwise depend on who is first.
            Execute(connection, "set threads = 1");
            Execute(connection, $"copy (select * from read_parquet([{files}])) to {ParquetTypes.Literal(Path.GetFullPath(path))} {options}");
        }
        catch (DuckDBException fault)
        {
            throw new RefusedException($"cannot write {path}: {fault.Message.Split('\n')[0]}; choose a folder with room that may be written", fault);
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names and texts are quoted
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
