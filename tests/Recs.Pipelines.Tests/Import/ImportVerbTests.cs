using System.Text.Json;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Import;

[Collection(nameof(ConsoleTests))]
public sealed class ImportVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Import_ResentShuffledAndSpoilt_SameStateAsClean()
    {
        var shop = SmallShopFolder.Write(_folder.In("shop"));
        var (_, clean) = await Through("clean", "--dataset", "online-retail", "--data", shop);
        var (import, state) = await Through("rough", "--dataset", "online-retail", "--data", shop, "--duplicate", "0.3", "--shuffle", "86400", "--garbage", "50", "--seed", "5");

        var resent = import.GetProperty("resent").GetInt64();
        var events = import.GetProperty("events").GetInt64();
        Assert.InRange(resent, events / 5, events / 2);
        Assert.Equal(events + resent + 50, import.GetProperty("published").GetInt64());
        Assert.Equal(resent, state.GetProperty("duplicates").GetInt64());
        Assert.Equal(50, state.GetProperty("dead_letters").GetInt64());
        Assert.Equal(0, clean.GetProperty("dead_letters").GetInt64());
        Assert.Equal(clean.GetProperty("digest").GetString(), state.GetProperty("digest").GetString());

        var reasons = await RecsProgram.Succeed("dlq", "list", "--db", "duckdb:" + _folder.In("rough.duckdb"));
        Assert.Contains("unknown_schema", reasons, StringComparison.Ordinal);
        Assert.Contains("not_json", reasons, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_MovieLensBroken_NamesTheFile()
    {
        var data = Requirements.Shared("data/ml-100k");
        Requirements.Need("ml-100k", data is not null, "its folder is not beside the repository");
        File.Copy(Path.Combine(data!, "u.data"), _folder.In("u.data"));
        Assert.Contains("u.item", await RecsProgram.Fail(1, "import", "--dataset", "ml-100k", "--data", _folder.Path, "--kafka", "127.0.0.1:1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_UnknownDataset_OneLine() =>
        Assert.Contains("'netflix'", await RecsProgram.Fail(1, "import", "--dataset", "netflix", "--kafka", "127.0.0.1:1"), StringComparison.Ordinal);

    [Theory]
    [InlineData("--duplicate", "1.5")]
    [InlineData("--shuffle", "-1")]
    [InlineData("--garbage", "-1")]
    public async Task Import_OutOfRange_IsWrongUsage(string option, string value) =>
        Assert.Contains("range", await RecsProgram.Fail(2, "import", "--dataset", "online-retail", "--kafka", "127.0.0.1:1", option, value), StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private async Task<(JsonElement Import, JsonElement State)> Through(string name, params string[] options)
    {
        using var broker = new EmbeddedBroker();
        var (kafka, url) = (broker.Connection.BootstrapServers, "duckdb:" + _folder.In(name + ".duckdb"));
        await RecsProgram.Succeed(["import", "--kafka", kafka, "--json", _folder.In("import.json"), .. options]);
        await RecsProgram.Succeed("ingest", "--kafka", kafka, "--db", url, "--once");
        await RecsProgram.Succeed("state", "--db", url, "--json", _folder.In("state.json"));
        return (Json("import.json"), Json("state.json"));
    }

    private JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(_folder.In(name))).RootElement;
}
