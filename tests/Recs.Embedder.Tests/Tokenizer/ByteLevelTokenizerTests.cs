using System.Text;
using Recs.Domain;
using Recs.Embedder.Tokenizer;

namespace Recs.Embedder.Tests.Tokenizer;

public sealed class ByteLevelTokenizerTests
{
    private const int BeginOfText = 16380;

    private static readonly ByteLevelTokenizer Nano = ByteLevelTokenizer.Load(GoldenFolder.Nano);

    [Fact]
    public void Encode_EmptyText_BeginOfTextAlone() => Assert.Equal([BeginOfText], Nano.Encode(""));

    [Theory]
    [InlineData("<|eot|>")]
    [InlineData("<|begin_of_text|> a title <|end_of_text|>")]
    public void Encode_SpecialTokenWrittenOut_IsText(string text) => Assert.DoesNotContain(Nano.EncodeContent(text), id => id >= BeginOfText);

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter()
    {
        Assert.Equal(Nano.Encode("a \uFFFD b"), Nano.Encode("a \uD800 b"));
        Assert.Equal(Nano.Encode("\uFFFD"), Nano.Encode("\uDC00"));
    }

    [Fact]
    public void Encode_LongRunOfOneCharacter_TakesNoQuadraticTime()
    {
        // One piece of 200,000 characters; merging by repeated scans would take minutes.
        Assert.NotEmpty(Nano.EncodeContent(new string('x', 200_000)));
    }

    [Fact]
    public void Load_FolderWithoutTokenizer_Refuses()
    {
        var refused = Assert.Throws<RefusedException>(() => ByteLevelTokenizer.Load(GoldenFolder.Temporary()));
        Assert.Contains("tokenizer.json", refused.Message);
    }

    [Theory]
    [InlineData("\"ignore_merges\":true", "\"ignore_merges\":3.5e", "tokenizer.json")]
    [InlineData("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "Unigram")]
    [InlineData("\\\\p{N}{1,3}", "\\\\p{N}", "o200k")]
    [InlineData("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}", "NFC")]
    public void Load_OtherKindOfTokenizer_RefusesByName(string original, string replacement, string named)
    {
        var json = File.ReadAllText(Path.Combine(GoldenFolder.Nano, "tokenizer.json"));
        Assert.Contains(original, json);
        var folder = GoldenFolder.Temporary();
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.Replace(original, replacement), new UTF8Encoding(false));
        Assert.Contains(named, Assert.Throws<RefusedException>(() => ByteLevelTokenizer.Load(folder)).Message);
    }
}
