using ParquetSharp;

namespace Recs.Pipelines.Score.Files;

/// <summary>What the Parquet library says of a fault, in its own words alone: it wraps them as <c>TYPE (message: 'WORDS')</c> with the mangled name of a C++ type.</summary>
internal static class ParquetFault
{
    private const string Opening = "(message: '", Closing = "')";

    /// <summary>On one line.</summary>
    public static string Text(Exception fault)
    {
        var text = fault.Message.ReplaceLineEndings(" ").Trim();
        var (begin, end) = (text.IndexOf(Opening, StringComparison.Ordinal), text.LastIndexOf(Closing, StringComparison.Ordinal));
        return fault is ParquetException && begin >= 0 && end > begin ? text[(begin + Opening.Length)..end].Trim() : text;
    }
}
