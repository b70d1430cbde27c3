using System.Globalization;

namespace Recs.Embedder.Tokenizer;

/// <summary>What the o200k pattern asks of a code point. A newline is also white space.</summary>
[Flags]
internal enum CodePointKind : byte
{
    Other = 0,

    /// <summary>Lu, Lt</summary>
    Upper = 1,

    /// <summary>Ll</summary>
    Lower = 2,

    /// <summary>Lm, Lo: letters without case, which both halves of a word take.</summary>
    Caseless = 4,

    /// <summary>Mn, Mc, Me: no letters, but both halves of a word take them.</summary>
    Mark = 8,

    /// <summary>Nd, Nl, No</summary>
    Number = 16,
    Space = 32,

    /// <summary>CR or LF</summary>
    Newline = 64,

    Letter = Upper | Lower | Caseless,
}

/// <summary>Classifies whole code points, also those outside the BMP, which a UTF-16 regular expression cannot see.</summary>
internal static class CodePointKinds
{
    public static CodePointKind Of(int codePoint) => codePoint switch
    {
        '\r' or '\n' => CodePointKind.Space | CodePointKind.Newline,
        <= 0xFFFF when char.IsWhiteSpace((char)codePoint) => CodePointKind.Space,
        _ => Of(CharUnicodeInfo.GetUnicodeCategory(codePoint)),
    };

    private static CodePointKind Of(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CodePointKind.Upper,
        UnicodeCategory.LowercaseLetter => CodePointKind.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CodePointKind.Caseless,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CodePointKind.Mark,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CodePointKind.Number,
        _ => CodePointKind.Other,
    };
}
