using System.Text;
using static Recs.Embedder.Tokenizer.CodePointKind;

namespace Recs.Embedder.Tokenizer;

/// <summary>
/// Cuts text into the pieces that are tokenised one by one, as the o200k pattern does on code points. Every alternative of the
/// pattern is one method, tried in order at each place; each returns the end of its longest-first match, or −1.
/// </summary>
internal sealed class O200kSplitter
{
    /// <summary>The pattern as tokenizer.json files spell it.</summary>
    public const string Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const CodePointKind UpperSide = Upper | Caseless | Mark;
    private const CodePointKind LowerSide = Lower | Caseless | Mark;

    private readonly List<int> _points = [];
    private readonly List<CodePointKind> _kinds = [];
    private readonly List<int> _bytes = [];

    /// <summary>Calls <paramref name="piece"/> with the byte range of each piece of valid UTF-8, front to back.</summary>
    public void Split(ReadOnlySpan<byte> utf8, Action<Range> piece)
    {
        Decode(utf8);
        for (var at = 0; at < _points.Count;)
        {
            var end = MatchAt(at);
            piece(_bytes[at].._bytes[end]);
            at = end;
        }
    }

    private void Decode(ReadOnlySpan<byte> utf8)
    {
        _points.Clear();
        _kinds.Clear();
        _bytes.Clear();
        var position = 0;
        while (position < utf8.Length)
        {
            Rune.DecodeFromUtf8(utf8[position..], out var rune, out var length);
            _points.Add(rune.Value);
            _kinds.Add(CodePointKinds.Of(rune.Value));
            _bytes.Add(position);
            position += length;
        }
        _bytes.Add(position);
    }

    private int MatchAt(int at)
    {
        // The optional leading character is any but CR, LF, letter and number; marks may be it or belong to the word itself.
        var canLead = (_kinds[at] & (Letter | Number | Newline)) == 0;
        var end = canLead ? LowerEndingWord(at + 1) : -1;
        if (end < 0) end = LowerEndingWord(at);
        if (end < 0 && canLead) end = UpperEndingWord(at + 1);
        if (end < 0) end = UpperEndingWord(at);
        if (end < 0) end = Digits(at);
        if (end < 0) end = Symbols(at);
        if (end < 0) end = Newlines(at);
        if (end < 0) end = Spaces(at);
        return end;
    }

    /// <summary>Upper side any number, lower side at least one, contraction.</summary>
    private int LowerEndingWord(int at)
    {
        var upperEnd = RunOf(UpperSide, at);
        var lowerEnd = RunOf(LowerSide, upperEnd);
        if (lowerEnd > upperEnd) return Contraction(lowerEnd);
        // The upper side took everything: it gives back up to the last character that the lower side can take.
        for (var last = upperEnd - 1; last >= at; last--)
            if ((_kinds[last] & LowerSide) != 0) return Contraction(last + 1);
        return -1;
    }

    /// <summary>Upper side at least one, lower side any number, contraction.</summary>
    private int UpperEndingWord(int at)
    {
        var upperEnd = RunOf(UpperSide, at);
        return upperEnd > at ? Contraction(RunOf(LowerSide, upperEnd)) : -1;
    }

    private int Digits(int at)
    {
        var end = at;
        while (end < at + 3 && Is(Number, end)) end++;
        return end > at ? end : -1;
    }

    private int Symbols(int at)
    {
        var first = _points[at] == ' ' ? at + 1 : at;
        var end = first;
        while (end < _points.Count && (_kinds[end] & (Letter | Number | Space)) == 0) end++;
        if (end == first) return -1;
        while (end < _points.Count && _points[end] is '\r' or '\n' or '/') end++;
        return end;
    }

    private int Newlines(int at)
    {
        for (var last = RunOf(Space, at) - 1; last >= at; last--)
            if ((_kinds[last] & Newline) != 0) return last + 1;
        return -1;
    }

    /// <summary>White space before a word leaves its last character to the word, unless it is the only one.</summary>
    private int Spaces(int at)
    {
        var end = RunOf(Space, at);
        return end < _points.Count && end - at > 1 ? end - 1 : end;
    }

    /// <summary>'s 't 're 've 'm 'll 'd in any case; U+017F is an s when case is ignored.</summary>
    private int Contraction(int at)
    {
        if (at >= _points.Count || _points[at] != '\'') return at;
        var (first, second) = (FoldedAt(at + 1), FoldedAt(at + 2));
        if (first is 's' or 't' or 'm' or 'd') return at + 2;
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? at + 3 : at;
    }

    private int FoldedAt(int at) => at >= _points.Count ? -1 : _points[at] switch
    {
        0x17F => 's',
        >= 'A' and <= 'Z' and var upper => upper + 32,
        var point => point,
    };

    private bool Is(CodePointKind kinds, int at) => at < _points.Count && (_kinds[at] & kinds) != 0;

    private int RunOf(CodePointKind kinds, int at)
    {
        while (Is(kinds, at)) at++;
        return at;
    }
}
