using System.Data.Common;
using System.Globalization;
using System.Numerics;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>A result set as a <see cref="Table"/>. The engines' many number types become two, so that answers can be compared.</summary>
internal static class TableReader
{
    public static Table Read(DbDataReader reader)
    {
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var rows = new List<IReadOnlyList<object?>>();
        while (reader.Read())
        {
            var row = new object?[columns.Length];
            for (var column = 0; column < row.Length; column++)
                row[column] = reader.IsDBNull(column) ? null : Plain(reader.GetValue(column));
            rows.Add(row);
        }
        return new(columns, rows);
    }

    /// <summary>The columns with the type that all their values are given in.</summary>
    public static IReadOnlyList<TableColumn> Columns(DbDataReader reader) =>
        [.. Enumerable.Range(0, reader.FieldCount).Select(column => new TableColumn(reader.GetName(column), Type.GetTypeCode(reader.GetFieldType(column)) switch
        {
            TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Int64 => TableType.Whole,
            TypeCode.Single or TypeCode.Double or TypeCode.Decimal => TableType.Number,
            TypeCode.Boolean => TableType.Truth,
            TypeCode.DateTime => TableType.Moment,
            _ when reader.GetFieldType(column) == typeof(DateOnly) => TableType.Day,
            _ when reader.GetFieldType(column) == typeof(BigInteger) => TableType.Whole,
            _ => TableType.Text,
        }))];

    /// <summary>Rows one after the other, each value in its column's type; the array is used again for the next one.</summary>
    public static IEnumerable<object?[]> Rows(DbDataReader reader, IReadOnlyList<TableColumn> columns)
    {
        var row = new object?[columns.Count];
        while (reader.Read())
        {
            for (var column = 0; column < row.Length; column++)
                row[column] = reader.IsDBNull(column) ? null : Plain(reader.GetValue(column)) is var plain && columns[column].Type == TableType.Number && plain is long whole ? (double)whole : plain;
            yield return row;
        }
    }

    private static object Plain(object value) => value switch
    {
        string or long or double or bool or DateOnly => value,
        short or int or sbyte or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        BigInteger sum => (long)sum,
        float real => (double)real,
        decimal exact => decimal.IsInteger(exact) ? (object)(long)exact : (double)exact,
        DateTime time => SqlTime.From(time),
        _ => value.ToString() ?? "",
    };
}
