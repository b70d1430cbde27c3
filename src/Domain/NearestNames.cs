namespace Recs.Domain;

/// <summary>The known names that a mistyped one may have meant.</summary>
public static class NearestNames
{
    private const int Most = 3;

    /// <summary>The nearest of <paramref name="known"/>; of equally near ones the first.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="known">At least one.</param>
    public static string Nearest(string name, IEnumerable<string> known) => known.MinBy(other => Distance(name, other))!;

    /// <summary>Up to three of <paramref name="known"/>, nearest first; of equal distances in the order given.</summary>
    public static string Of(string name, IEnumerable<string> known) => string.Join(", ", known.OrderBy(other => Distance(name, other)).Take(Most));

    /// <summary>Insertions, deletions and replacements that turn one into the other (Levenshtein 1966), by rows of the table.</summary>
    public static int Distance(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
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
