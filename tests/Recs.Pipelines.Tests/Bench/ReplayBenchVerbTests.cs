using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Bench;

[Collection(nameof(ConsoleTests))]
public sealed class ReplayBenchVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Replay_SmallFeed_ComparesAndTimesIt()
    {
        var said = await RecsProgram.Succeed("bench", "replay", "--log", "feed", "--events", "1000", "--threads", "2", "--runs", "1", "--json", _folder.In("bench.json"));
        Assert.Contains("every row has the bits of one thread's", said);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        var result = json.RootElement;
        Assert.Equal(("replay", "rows/s", true), (result.GetProperty("name").GetString(), result.GetProperty("unit").GetString(), result.GetProperty("checked").GetBoolean()));
        Assert.Equal((1_000, 200, 2_000), (result.GetProperty("events").GetInt32(), result.GetProperty("impressions").GetInt32(), result.GetProperty("rows").GetInt32()));
        Assert.True(result.GetProperty("peers").GetProperty("fold_alone").GetDouble() > 0);
        Assert.Contains("range 1,000", await RecsProgram.Fail(2, "bench", "replay", "--events", "1"));
    }

    [Fact]
    public async Task State_Small_MeasuresWhatWasFolded()
    {
        await RecsProgram.Succeed("bench", "state", "--users", "300", "--items", "100", "--interactions", "4", "--json", _folder.In("bench.json"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        var result = json.RootElement;
        Assert.Equal(("state", "bytes/user", true), (result.GetProperty("name").GetString(), result.GetProperty("unit").GetString(), result.GetProperty("checked").GetBoolean()));
        Assert.Equal(100 + 300 * 2 * 3, result.GetProperty("events").GetInt64());
        Assert.True(result.GetProperty("ours").GetDouble() > 100);
    }

    public void Dispose() => _folder.Dispose();
}
