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
