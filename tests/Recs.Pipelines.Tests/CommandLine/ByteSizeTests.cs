using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("16GiB", 16L << 30)]
    [InlineData("1.5 GB", 1_500_000_000)]
    [InlineData("512mib", 512L << 20)]
    [InlineData("4096", 4096)]
    [InlineData("8B", 8)]
    [InlineData("2TiB", 2L << 40)]
    public void Parse_Size_IsBytes(string text, long expected) => Assert.Equal(expected, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("GiB")]
    [InlineData("-1GB")]
    [InlineData("0")]
    [InlineData("many")]
    [InlineData("1e3")]
    [InlineData("99999999999TiB")]
    public void Parse_NoSize_IsNull(string text) => Assert.Null(ByteSize.Parse(text));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(0, "0 B")]
    [InlineData(1_600_000_000, "1.6 GB")]
    [InlineData(803_170_000_000_000, "803.2 TB")]
    public void Text_OfBytes_IsShort(long bytes, string expected) => Assert.Equal(expected, ByteSize.Text(bytes));
}
