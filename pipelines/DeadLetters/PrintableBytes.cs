using System.Globalization;
using System.Text;

namespace Recs.Pipelines.DeadLetters;

/// <summary>Raw bytes so that a person can read them and a terminal is not harmed: printable ASCII as it is, every other byte as <c>\xNN</c>.</summary>
internal static class PrintableBytes
{
    /// <param name="raw">Any bytes.</param>
    /// <param name="most">Bytes that are shown; the number left out is told.</param>
    public static string Of(ReadOnlySpan<byte> raw, int most)
    {
        var text = new StringBuilder();
        foreach (var value in raw[..Math.Min(raw.Length, most)])
        {
            if (value == '\\') text.Append("\\\\");
            else if (value is >= 0x20 and < 0x7f) text.Append((char)value);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
        }
        if (raw.Length > most) text.Append(CultureInfo.InvariantCulture, $"… {raw.Length - most} bytes more");
        return text.ToString();
    }
}
