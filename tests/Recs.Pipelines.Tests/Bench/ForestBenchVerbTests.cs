using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Bench;

[Collection(nameof(ConsoleTests))]
public sealed class ForestBenchVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Forest_Small_ComparesAndTimesIt()
    {
        var said = await RecsProgram.Succeed("bench", "forest", "--trees", "5", "--leaves", "4", "--features", "8", "--rows", "50", "--rounds", "1", "--json", _folder.In("bench.json"));
        Assert.Contains("the same bits as its float score", said);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        var result = json.RootElement;
        Assert.Equal(("forest", "rows/s"), (result.GetProperty("name").GetString(), result.GetProperty("unit").GetString()));
        Assert.True(result.GetProperty("checked").GetBoolean());
        Assert.True(result.GetProperty("ratio").GetProperty("mlnet").GetDouble() > 0);
        Assert.Equal(5, result.GetProperty("trees").GetInt32());
        // Without LightGBM's library its figure is missing, and why is said.
        Assert.Equal(result.GetProperty("peers").TryGetProperty("lightgbm", out _), !result.TryGetProperty("skipped", out _));
    }

    [Fact]
    public async Task Score_Small_ComparesAndTimesIt()
    {
        await RecsProgram.Succeed("bench", "score", "--trees", "3", "--features", "6", "--rows", "3000", "--runs", "1", "--work", _folder.Path, "--json", _folder.In("bench.json"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        Assert.Equal("score", json.RootElement.GetProperty("name").GetString());
        Assert.True(json.RootElement.GetProperty("checked").GetBoolean());
        Assert.Equal(3_000, json.RootElement.GetProperty("rows").GetInt64());
        Assert.True(json.RootElement.GetProperty("peers").GetProperty("without_scoring").GetDouble() > 0);
        Assert.Contains("range 1,000", await RecsProgram.Fail(2, "bench", "score", "--rows", "1"));
    }

    public void Dispose() => _folder.Dispose();
}
