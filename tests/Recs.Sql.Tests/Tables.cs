using Recs.Storage.Reports;

namespace Recs.Sql.Tests;

/// <summary>Row-by-row comparison; doubles may differ by 1e-9 of their size.</summary>
internal static class Tables
{
    public static void Same(IEnumerable<IReadOnlyList<object?>> expected, Table actual)
    {
        var rows = expected.ToList();
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Count, actual.Rows.Count);
        for (var row = 0; row < rows.Count; row++)
            for (var column = 0; column < actual.Columns.Count; column++)
            {
                var (left, right) = (rows[row][column], actual.Rows[row][column]);
                var same = left is double a && right is double b ? Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Abs(a)) : Equals(left, right);
                Assert.True(same, $"row {row}, {actual.Columns[column]}: expected {left} ({left?.GetType().Name}), was {right} ({right?.GetType().Name})");
            }
    }
}
