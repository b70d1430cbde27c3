namespace Recs.Pipelines.DeadLetters;

/// <summary>Text of strangers on one line of a terminal: control characters become <c>·</c>.</summary>
internal static class PrintableText
{
    public static string Of(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? '·' : letter)) : text;
}
