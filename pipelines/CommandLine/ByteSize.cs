using System.CommandLine.Parsing;
using System.Globalization;

namespace Recs.Pipelines.CommandLine;

/// <summary>Sizes as people write them: <c>16GiB</c>, <c>512MiB</c>, <c>1.5GB</c>, or plain bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    /// <returns>Bytes, at least 1; null for what is no size.</returns>
    public static long? Parse(string text)
    {
        var (unit, bytes) = Units.FirstOrDefault(entry => text.EndsWith(entry.Unit, StringComparison.OrdinalIgnoreCase), (Unit: "", Bytes: 1L));
        var number = text.AsSpan(0, text.Length - unit.Length).Trim();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return null;
        var size = count * bytes;
        return size is >= 1 and < long.MaxValue ? (long)size : null;
    }

    /// <summary>For <c>CustomParser</c> of an option: wrong sizes are wrong usage.</summary>
    public static long? ParseOption(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        var size = Parse(text);
        if (size is null) result.AddError($"{(result.Parent as OptionResult)?.IdentifierToken?.Value ?? "the size"} is {text}; expected a size such as 16GiB, 512MiB or 2000000000");
        return size;
    }

    /// <summary>With one digit after the point: <c>1.6 GB</c>.</summary>
    public static string Text(long bytes)
    {
        var (unit, size) = Units.Where(entry => !entry.Unit.Contains('i', StringComparison.Ordinal)).First(entry => bytes >= entry.Bytes || entry.Bytes == 1);
        return size == 1 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B") : string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / size:0.0} {unit}");
    }
}
