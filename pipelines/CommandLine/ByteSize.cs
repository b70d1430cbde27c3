using System.CommandLine.Parsing;
using System.Globalization;

namespace Recs.Pipelines.CommandLine;

/// <summary>Sizes as people write them: <c>500MB</c>, <c>4GiB</c>, <c>1.5GB</c>, or bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1),
    ];

    /// <summary>The size in bytes, at least 1; null for anything else.</summary>
    public static long? Parse(string text)
    {
        var (unit, factor) = Units.First(entry => text.EndsWith(entry.Unit, StringComparison.OrdinalIgnoreCase));
        var number = text[..^unit.Length].TrimEnd();
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * factor is >= 1 and < 9e18
            ? (long)(value * factor)
            : null;
    }

    /// <summary>For <see cref="System.CommandLine.Option{T}.CustomParser"/>.</summary>
    public static long? Parse(ArgumentResult argument)
    {
        if (Parse(argument.Tokens[0].Value) is { } bytes) return bytes;
        argument.AddError($"'{argument.Tokens[0].Value}' is no size; write 500MB, 4GiB or a number of bytes");
        return null;
    }
}
