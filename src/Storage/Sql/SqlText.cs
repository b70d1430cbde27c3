using System.Text;

namespace Recs.Storage.Sql;

/// <summary>
/// Portable SQL writes its parameters <c>$name</c>, as DuckDB does. Npgsql wants <c>@name</c>:
/// the sign is exchanged outside of literals, quoted names and comments.
/// </summary>
internal static class SqlText
{
    /// <summary><paramref name="sql"/> with <c>@name</c> for every parameter <c>$name</c>.</summary>
    public static string WithAtSigns(string sql)
    {
        var result = new StringBuilder(sql.Length);
        Scan(sql, (text, isParameter) => result.Append(isParameter ? '@' : text[0]).Append(text[1..]));
        return result.ToString();
    }

    /// <summary>The distinct parameter names of <paramref name="sql"/> in the order of their first use.</summary>
    public static IReadOnlyList<string> Parameters(string sql)
    {
        var names = new List<string>();
        Scan(sql, (text, isParameter) =>
        {
            var name = text[1..].ToString();
            if (isParameter && !names.Contains(name)) names.Add(name);
        });
        return names;
    }

    private delegate void Visit(ReadOnlySpan<char> text, bool isParameter);

    private static void Scan(string sql, Visit visit)
    {
        for (var at = 0; at < sql.Length;)
        {
            var length = sql[at] switch
            {
                '\'' or '"' => Until(sql, at + 1, sql[at].ToString()) - at,
                '-' when Next(sql, at) == '-' => Until(sql, at + 2, "\n") - at,
                '/' when Next(sql, at) == '*' => Until(sql, at + 2, "*/") - at,
                '$' when IsName(Next(sql, at)) => NameEnd(sql, at + 1) - at,
                _ => 1,
            };
            visit(sql.AsSpan(at, length), sql[at] == '$' && length > 1);
            at += length;
        }
    }

    private static char Next(string sql, int at) => at + 1 < sql.Length ? sql[at + 1] : '\0';

    private static bool IsName(char sign) => char.IsAsciiLetter(sign) || sign == '_';

    private static int NameEnd(string sql, int at)
    {
        while (at < sql.Length && (IsName(sql[at]) || char.IsAsciiDigit(sql[at]))) at++;
        return at;
    }

    private static int Until(string sql, int from, string end)
    {
        var at = sql.IndexOf(end, from, StringComparison.Ordinal);
        return at < 0 ? sql.Length : at + end.Length;
    }
}
