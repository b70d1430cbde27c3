using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("500MB", 500_000_000)]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("1.5 gb", 1_500_000_000)]
    [InlineData("2tib", 2L << 40)]
    [InlineData("17B", 17)]
    public void Parse_Size_IsItsBytes(string text, long expected) => Assert.Equal(expected, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5MB")]
    [InlineData("many")]
    [InlineData("5 parsecs")]
    [InlineData("1e99GB")]
    [InlineData("99999999TB")]
    public void Parse_Else_IsNull(string text) => Assert.Null(ByteSize.Parse(text));
}
