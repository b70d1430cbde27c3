using System.Globalization;
using System.Text;
using Recs.Domain;

namespace Recs.Pipelines.CommandLine;

/// <summary>
/// Reads one JSON string. The framework's reader refuses an escaped lone surrogate, which real feeds contain (a title cut in the
/// middle of an emoji); here it stays what it is, and the tokenizer counts it as U+FFFD.
/// </summary>
internal static class JsonStringLine
{
    /// <param name="line">A JSON string, white space around it allowed.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="RefusedException">It is anything else.</exception>
    public static string Parse(string line, string place)
    {
        var json = line.AsSpan().Trim(" \t\r");
        if (json.Length < 2 || json[0] != '"' || json[^1] != '"') throw Refuse(place, "expected one JSON string");
        json = json[1..^1];
        var text = new StringBuilder(json.Length);
        for (var at = 0; at < json.Length; at++)
        {
            if (json[at] == '"') throw Refuse(place, "more follows the JSON string");
            if (json[at] < ' ') throw Refuse(place, $"a control character U+{(int)json[at]:X4} must be escaped in a JSON string");
            if (json[at] != '\\')
            {
                text.Append(json[at]);
                continue;
            }
            text.Append(Unescape(json, ref at, place));
        }
        return text.ToString();
    }

    /// <summary>Moves <paramref name="at"/> from the backslash to the last character of its escape.</summary>
    private static char Unescape(ReadOnlySpan<char> json, ref int at, string place)
    {
        var kind = ++at < json.Length ? json[at] : '\0';
        switch (kind)
        {
            case '"' or '\\' or '/': return kind;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when at + 4 < json.Length && ushort.TryParse(json.Slice(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                at += 4;
                return (char)unit;
            default: throw Refuse(place, $"unknown escape \\{kind} in the JSON string");
        }
    }

    private static RefusedException Refuse(string place, string what) => new($"{place}: {what}");
}
