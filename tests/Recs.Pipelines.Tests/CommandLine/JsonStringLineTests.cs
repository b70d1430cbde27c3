using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

public sealed class JsonStringLineTests
{
    [Theory]
    [InlineData("\"plain\"", "plain")]
    [InlineData("  \"\" \r", "")]
    [InlineData("\"a\\\"b\\\\c\\/d\\n\\t\"", "a\"b\\c/d\n\t")]
    [InlineData("\"\\u00e9\\ud83d\\ude42\"", "é🙂")]
    public void Parse_JsonString_Unescapes(string line, string expected) => Assert.Equal(expected, JsonStringLine.Parse(line, "here"));

    [Fact]
    public void Parse_LoneSurrogate_IsKept() => Assert.Equal("a\uD83D", JsonStringLine.Parse("\"a\\ud83d\"", "here"));

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("text")]
    [InlineData("[\"a\"]")]
    [InlineData("\"a\" \"b\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12\"")]
    [InlineData("\"ends in \\\"")]
    [InlineData("\"tab\tinside\"")]
    public void Parse_AnythingElse_RefusesWithThePlace(string line) =>
        Assert.StartsWith("stdin, line 3: ", Assert.Throws<RefusedException>(() => JsonStringLine.Parse(line, "stdin, line 3")).Message);
}
