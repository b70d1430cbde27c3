namespace Recs.Ranker.Training;

/// <summary>The field of each column for a factorization machine: the columns of one scope, the first word of their names (item, user, …), are one field.</summary>
public static class ColumnFields
{
    /// <param name="columns">Names.</param>
    /// <returns>By column 0 to 7, 0 the scope with the most columns; scopes beyond the eighth share the last. [columns]</returns>
    public static IReadOnlyList<int> Of(IReadOnlyList<string> columns)
    {
        var scopes = columns.Select(name => name.Split('_')[0]).ToList();
        var order = scopes.GroupBy(scope => scope).OrderByDescending(scope => scope.Count()).ThenBy(scope => scope.Key, StringComparer.Ordinal).Select(scope => scope.Key).ToList();
        return [.. scopes.Select(scope => Math.Min(RowView.MostFields - 1, order.IndexOf(scope)))];
    }
}
