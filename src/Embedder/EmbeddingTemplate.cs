using System.Text;
using Recs.Domain;

namespace Recs.Embedder;

/// <summary>
/// How an item's fields become one text: <c>{title} | {tags}</c>. The characters before a field go with it: they are left out when
/// the field is empty, and where they would separate it from nothing. Immutable, thread-safe.
/// </summary>
public sealed record EmbeddingTemplate
{
    private readonly (string Before, string Field)[] _parts;
    private readonly string _end;

    /// <param name="pattern">Text with field names in braces, at least one; braces have no other use.</param>
    /// <param name="lowerCase">Lower-case the rendered text (invariant culture).</param>
    /// <exception cref="RefusedException">The braces do not pair up, or name no field.</exception>
    public EmbeddingTemplate(string pattern, bool lowerCase = false)
    {
        (Pattern, LowerCase) = (pattern, lowerCase);
        (_parts, _end) = Parse(pattern);
    }

    /// <summary><c>{text}</c>, as it is.</summary>
    public static EmbeddingTemplate TextOnly { get; } = new("{text}");

    /// <summary>As given.</summary>
    public string Pattern { get; }

    /// <summary>Whether the rendered text is lower-cased.</summary>
    public bool LowerCase { get; }

    /// <summary>The text of an item. An absent field is an empty one; all empty gives an empty text.</summary>
    /// <param name="fields">Values by the names the pattern uses.</param>
    public string Render(IReadOnlyDictionary<string, string> fields)
    {
        var text = new StringBuilder();
        var isFirst = true;
        foreach (var (before, field) in _parts)
        {
            var value = fields.GetValueOrDefault(field) ?? "";
            if (value.Length > 0 && (isFirst || text.Length > 0)) text.Append(before);
            text.Append(value);
            isFirst = false;
        }
        if (text.Length > 0) text.Append(_end);
        return LowerCase ? text.ToString().ToLowerInvariant() : text.ToString();
    }

    private static ((string, string)[] Parts, string End) Parse(string pattern)
    {
        var parts = new List<(string, string)>();
        var at = 0;
        for (var open = pattern.IndexOf('{', StringComparison.Ordinal); open >= 0; open = pattern.IndexOf('{', at))
        {
            var close = pattern.IndexOf('}', open);
            var field = close < 0 ? "" : pattern[(open + 1)..close];
            if (string.IsNullOrWhiteSpace(field) || field.Contains('{', StringComparison.Ordinal)) throw new RefusedException($"embedding template '{pattern}': the brace at character {open + 1} opens no field name; write {{title}}");
            parts.Add((Literal(pattern, at, open), field));
            at = close + 1;
        }
        if (parts.Count == 0) throw new RefusedException($"embedding template '{pattern}' names no field; write {{title}}");
        return ([.. parts], Literal(pattern, at, pattern.Length));
    }

    private static string Literal(string pattern, int start, int end)
    {
        var literal = pattern[start..end];
        return literal.Contains('}', StringComparison.Ordinal) ? throw new RefusedException($"embedding template '{pattern}': a brace closes that was not opened") : literal;
    }
}
