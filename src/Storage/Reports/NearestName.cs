namespace Recs.Storage.Reports;

/// <summary>The known name that a mistyped one most likely meant.</summary>
internal static class NearestName
{
    /// <param name="text">What was typed.</param>
    /// <param name="names">At least one; of equally near names the first.</param>
    public static string To(string text, IReadOnlyList<string> names) => names.MinBy(name => Distance(text, name))!;

    /// <summary>Levenshtein distance: single-letter changes from one to the other.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
