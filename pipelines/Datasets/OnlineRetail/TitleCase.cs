namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>The shop wrote its titles in capitals; people read them better with capitals only where words begin.</summary>
internal static class TitleCase
{
    /// <summary>"WHITE HANGING HEART T-LIGHT HOLDER" becomes "White Hanging Heart T-Light Holder".</summary>
    public static string Of(string title)
    {
        var letters = title.Trim().ToLowerInvariant().ToCharArray();
        for (var i = 0; i < letters.Length; i++)
            // An apostrophe does not begin a word: "Children's".
            if (char.IsLetter(letters[i]) && (i == 0 || !char.IsLetterOrDigit(letters[i - 1]) && letters[i - 1] != '\'')) letters[i] = char.ToUpperInvariant(letters[i]);
        return string.Join(' ', new string(letters).Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
