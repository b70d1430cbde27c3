using System.Globalization;
using System.Text;

namespace Recs.Pipelines.DeadLetters;

/// <summary>Bytes as hex and text side by side, 16 a line: <c>00000010  7b 22 …  {"…</c>. Harmless to a terminal: what is not printable ASCII is a dot.</summary>
internal static class HexDump
{
    private const int PerLine = 16;

    public static void Write(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        var line = new StringBuilder();
        for (var at = 0; at < bytes.Length; at += PerLine)
        {
            var part = bytes[at..Math.Min(at + PerLine, bytes.Length)];
            line.Clear().Append(CultureInfo.InvariantCulture, $"{at:x8}  ");
            for (var n = 0; n < PerLine; n++) line.Append(n < part.Length ? part[n].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(n == PerLine / 2 - 1 ? "  " : " ");
            line.Append(' ');
            foreach (var value in part) line.Append(value is >= 0x20 and < 0x7f ? (char)value : '.');
            output.WriteLine(line);
        }
    }
}
