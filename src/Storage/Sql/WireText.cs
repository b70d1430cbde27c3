namespace Recs.Storage.Sql;

/// <summary>
/// Text that quotes a refused message. It may hold what no database text can: U+0000, or half a surrogate pair where it was
/// cut. Each becomes U+FFFD, in every engine, so that a message nobody can read cannot block its partition either.
/// </summary>
internal static class WireText
{
    public static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0', StringComparison.Ordinal)) return text;
        return string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
    }
}
