using System.Globalization;
using Recs.Domain;

namespace Recs.Pipelines.CommandLine;

/// <summary>A value of a table as text, the same on every machine.</summary>
internal static class CellText
{
    /// <summary>Every digit of a number: <see cref="double"/> reads back as the same bits. Missing values are empty.</summary>
    public static string Whole(object? value) => value switch
    {
        null => "",
        string text => text,
        bool yes => yes ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Timestamp time => time.ToString(),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>For a person's eye: numbers to six significant digits, missing values as a dash.</summary>
    public static string Short(object? value) => value switch
    {
        null => "–",
        double number => number.ToString("G6", CultureInfo.InvariantCulture),
        _ => Whole(value),
    };

    /// <summary>Numbers stand at the right of their column.</summary>
    public static bool IsNumber(object? value) => value is long or int or double;
}
