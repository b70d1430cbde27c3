using System.Text;
using Recs.Embedder.Tokenizer;

namespace Recs.Embedder.Tests.Tokenizer;

public sealed class O200kSplitterTests
{
    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("WE'LL they've don'ſ 'x", "WE'LL| they've| don'ſ| '|x")]
    [InlineData("camelCase HTMLPage", "camel|Case| HTMLPage")]
    [InlineData("1234567", "123|456|7")]
    [InlineData("a  b \n\n c  ", "a| | b| \n\n| c|  ")]
    [InlineData("x/y//\n!", "x|/y|//\n|!")]
    [InlineData("𝐇𝐞𝐥𝐥𝐨 𝟏𝟐𝟑𝟒", "𝐇𝐞𝐥𝐥𝐨| |𝟏𝟐𝟑|𝟒")]
    [InlineData("🙂smile", "🙂smile")]
    [InlineData("\u0301!", "\u0301|!")]
    [InlineData("ABかC", "ABか|C")]
    public void Split_Text_CutsAsThePattern(string text, string pieces)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        List<string> found = [];
        new O200kSplitter().Split(utf8, range => found.Add(Encoding.UTF8.GetString(utf8[range])));
        Assert.Equal(pieces, string.Join('|', found));
    }
}
