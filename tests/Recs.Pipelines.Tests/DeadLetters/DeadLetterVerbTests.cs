using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;

namespace Recs.Pipelines.Tests.DeadLetters;

[Collection(nameof(ConsoleTests))]
public sealed class DeadLetterVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task List_RefusedMessages_CoordinatesReasonAndPrintableBytes()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"));
        SmallStore.Refuse(url, ("not an object", [0xff, 0x1b, (byte)'{']), ("too deep", new byte[200]));
        var said = await RecsProgram.Succeed("dlq", "list", "--db", url);
        Assert.Contains("\\xff\\x1b{", said, StringComparison.Ordinal);
        Assert.Contains("not_json", said, StringComparison.Ordinal);
        Assert.Contains("not an object", said, StringComparison.Ordinal);
        Assert.Contains("… 120 bytes more", said, StringComparison.Ordinal);
        Assert.Contains("dlq: 1 of 2 dead letters", await RecsProgram.Succeed("dlq", "list", "--db", url, "--limit", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dlq")]
    [InlineData("dlq", "list", "--db", "duckdb::memory:", "--limit", "0")]
    [InlineData("dlq", "list")]
    public async Task Dlq_WrongUsage_Exit2(params string[] args) => await RecsProgram.Fail(2, args);

    public void Dispose() => _folder.Dispose();
}
