namespace Recs.Features;

/// <summary>The known names a mistyped one may have meant.</summary>
internal static class NearestNames
{
    private const int Most = 3;

    /// <summary>Up to three of <paramref name="known"/>, nearest first; of equal distances in the order given.</summary>
    public static string Of(string name, IEnumerable<string> known) => string.Join(", ", known.OrderBy(other => Distance(name, other)).Take(Most));

    /// <summary>Insertions, deletions and replacements that turn one into the other (Levenshtein 1966), by rows of the table.</summary>
    internal static int Distance(string a, string b)
    {
        var above = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++) row[j + 1] = Math.Min(Math.Min(row[j], above[j + 1]) + 1, above[j] + (a[i] == b[j] ? 0 : 1));
            above = row;
        }
        return above[^1];
    }
}
