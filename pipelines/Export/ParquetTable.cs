using Recs.Domain;
using Recs.Storage.Parquet;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Export;

/// <summary>Rows as a Parquet file. They wait in memory, packed by column, until the file is written.</summary>
internal static class ParquetTable
{
    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(FileInfo file, string name, IReadOnlyList<TableColumn> columns, IEnumerable<object?[]> rows)
    {
        using var writer = new ParquetWriter(file.FullName, [.. columns.Select(column => new ParquetColumn(column.Name, TypeOf(column.Type)))], new Dictionary<string, string> { ["recs.table"] = name });
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++) Write(writer, columns[column].Type, row[column]);
            writer.EndRow();
        }
        writer.Finish();
    }

    private static ParquetType TypeOf(TableType type) => type switch
    {
        TableType.Whole => ParquetType.Long,
        TableType.Number => ParquetType.Double,
        TableType.Truth => ParquetType.Bool,
        TableType.Day => ParquetType.Date,
        TableType.Moment => ParquetType.Timestamp,
        _ => ParquetType.Text,
    };

    private static void Write(ParquetWriter writer, TableType type, object? value)
    {
        switch (type)
        {
            case TableType.Whole: writer.Long((long?)value); break;
            case TableType.Number: writer.Double((double?)value); break;
            case TableType.Truth: writer.Bool((bool?)value); break;
            case TableType.Day: writer.Day((DateOnly?)value); break;
            case TableType.Moment: writer.Time((Timestamp?)value); break;
            default: writer.Text((string?)value); break;
        }
    }
}
