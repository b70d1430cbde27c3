using System.CommandLine;
using System.Globalization;

namespace Recs.Pipelines.CommandLine;

/// <summary>An amount of memory as a person writes it: a number and a unit, such as 500MB or 4GiB.</summary>
internal static class MemorySize
{
    private static readonly Dictionary<string, long> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["B"] = 1,
        ["KB"] = 1_000,
        ["MB"] = 1_000_000,
        ["GB"] = 1_000_000_000,
        ["TB"] = 1_000_000_000_000,
        ["KiB"] = 1L << 10,
        ["MiB"] = 1L << 20,
        ["GiB"] = 1L << 30,
        ["TiB"] = 1L << 40,
    };

    /// <summary>Bytes, at least 1; null when <paramref name="text"/> is no such amount.</summary>
    public static long? Parse(string text)
    {
        var digits = text.AsSpan().Trim();
        var unit = digits.Length;
        while (unit > 0 && char.IsAsciiLetter(digits[unit - 1])) unit--;
        if (!Units.TryGetValue(digits[unit..].ToString(), out var factor)) return null;
        if (!decimal.TryParse(digits[..unit].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
        // Bounded before it is multiplied: no amount, however written, overflows.
        if (number <= 0 || number > long.MaxValue / factor) return null;
        var bytes = (long)decimal.Truncate(number * factor);
        return bytes > 0 ? bytes : null;
    }

    /// <summary>An option that takes an amount of memory; anything else is wrong usage.</summary>
    public static Option<long?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "BYTES",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Parse(text) is { } bytes) return bytes;
            result.AddError($"{name} '{text}' is not an amount of memory; write bytes, or a number and a unit such as 500MB or 4GiB");
            return null;
        },
    };
}
