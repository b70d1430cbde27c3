using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("500MB", 500_000_000)]
    [InlineData("4GiB", 4L << 30)]
    [InlineData(" 1.5 kib ", 1536)]
    [InlineData("0.5TB", 500_000_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Parse_Amount_IsBytes(string text, long bytes) => Assert.Equal(bytes, MemorySize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0.1")]
    [InlineData("-1GB")]
    [InlineData("4G")]
    [InlineData("GiB")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("9223372036854775808")]
    [InlineData("9000000TiB")]
    [InlineData("4 Gi B")]
    public void Parse_AnythingElse_IsNull(string text) => Assert.Null(MemorySize.Parse(text));
}
