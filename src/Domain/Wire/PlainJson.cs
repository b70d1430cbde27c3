using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Recs.Domain.Wire;

/// <summary>
/// Reads JSON (RFC 8259) as programs write it, token by token in the order that its caller expects: texts without escapes, whole numbers that are not negative, times in UTC. Each method
/// passes over white space, takes what it is asked for and says whether it was there; after a false the place is undefined. It takes nothing that is not JSON.
/// </summary>
internal ref struct PlainJson(ReadOnlySpan<byte> json)
{
    /// <summary>What ends a text, or must not stand in it as it is.</summary>
    private static readonly SearchValues<byte> Ends = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(control => (byte)control)]);

    /// <summary>Up to 10^22, beyond which they are no doubles.</summary>
    private static readonly double[] PowersOfTen = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    private ReadOnlySpan<byte> _rest = json;

    /// <summary>A mark such as <c>{</c> or <c>:</c>.</summary>
    public bool Take(char mark)
    {
        SkipSpace();
        if (_rest.IsEmpty || _rest[0] != mark) return false;
        _rest = _rest[1..];
        return true;
    }

    /// <summary>Nothing but white space is left.</summary>
    public bool IsAtEnd()
    {
        SkipSpace();
        return _rest.IsEmpty;
    }

    public bool TakeNull()
    {
        SkipSpace();
        if (!_rest.StartsWith("null"u8)) return false;
        _rest = _rest[4..];
        return true;
    }

    /// <summary>A text without escapes; it may hold bytes that are no UTF-8.</summary>
    public bool TakeText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Take('"')) return false;
        var end = _rest.IndexOfAny(Ends);
        if (end < 0 || _rest[end] != '"') return false;
        text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return true;
    }

    /// <summary>A whole number of up to 18 digits.</summary>
    public bool TakeWhole(out long value)
    {
        SkipSpace();
        value = 0;
        var digits = Digits(_rest, ref value);
        if (digits is 0 or > 18 || (digits > 1 && _rest[0] == '0')) return false;
        if (digits < _rest.Length && _rest[digits] is (byte)'.' or (byte)'e' or (byte)'E') return false;
        _rest = _rest[digits..];
        return true;
    }

    /// <summary>A number that is not negative, as the nearest double.</summary>
    public bool TakeDouble(out double value)
    {
        SkipSpace();
        value = 0;
        var digits = 0L;
        var whole = Digits(_rest, ref digits);
        if (whole == 0 || (whole > 1 && _rest[0] == '0')) return false;
        var (length, decimals) = (whole, 0);
        if (length < _rest.Length && _rest[length] == '.')
        {
            decimals = Digits(_rest[(length + 1)..], ref digits);
            if (decimals == 0) return false;
            length += 1 + decimals;
        }
        // Both exact, so their quotient is rounded once (Clinger 1990).
        if (whole + decimals <= 17 && digits <= 1L << 53 && !(length < _rest.Length && _rest[length] is (byte)'e' or (byte)'E'))
        {
            value = digits / PowersOfTen[decimals];
            _rest = _rest[length..];
            return true;
        }
        if (length < _rest.Length && _rest[length] is (byte)'e' or (byte)'E')
        {
            length++;
            if (length < _rest.Length && _rest[length] is (byte)'+' or (byte)'-') length++;
            var exponent = 0L;
            var power = Digits(_rest[length..], ref exponent);
            if (power == 0) return false;
            length += power;
        }
        if (!Utf8Parser.TryParse(_rest[..length], out value, out var read) || read != length || !double.IsFinite(value)) return false;
        _rest = _rest[length..];
        return true;
    }

    /// <summary>A text <c>yyyy-MM-ddTHH:mm:ssZ</c> with up to seven digits of a second, from 1970 on; what is below a millisecond is cut off.</summary>
    public bool TakeTime(out Timestamp time)
    {
        time = default;
        if (!TakeText(out var text) || text.Length is < 20 or > 28 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[^1] != 'Z') return false;
        if (!Part(text[..4], out var year) || !Part(text[5..7], out var month) || !Part(text[8..10], out var day)
            || !Part(text[11..13], out var hour) || !Part(text[14..16], out var minute) || !Part(text[17..19], out var second)) return false;
        if (year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        var milliseconds = 0;
        if (text.Length > 20)
        {
            var fraction = text[20..^1];
            if (text[19] != '.' || !Part(fraction, out milliseconds)) return false;
            for (var digits = fraction.Length; digits < 3; digits++) milliseconds *= 10;
            for (var digits = fraction.Length; digits > 3; digits--) milliseconds /= 10;
        }
        var days = (new DateTime(year, month, day) - DateTime.UnixEpoch).Days;
        time = new Timestamp(days * Timestamp.Day + hour * Timestamp.Hour + minute * 60_000L + second * 1_000L + milliseconds);
        return true;
    }

    /// <summary>The string of a text's bytes; null where they are no UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> text) => Ascii.IsValid(text) ? Encoding.ASCII.GetString(text) : Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null;

    private static bool Part(ReadOnlySpan<byte> text, out int value)
    {
        var digits = 0L;
        var all = Digits(text, ref digits) == text.Length && text.Length > 0;
        value = (int)digits;
        return all;
    }

    /// <summary>How many digits <paramref name="text"/> begins with; their number behind that of <paramref name="value"/>, which is of no meaning beyond 18 digits.</summary>
    private static int Digits(ReadOnlySpan<byte> text, ref long value)
    {
        var count = 0;
        while (count < text.Length && (uint)(text[count] - '0') <= 9) value = unchecked(value * 10 + (text[count++] - '0'));
        return count;
    }

    private void SkipSpace()
    {
        while (!_rest.IsEmpty && _rest[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _rest = _rest[1..];
    }
}
