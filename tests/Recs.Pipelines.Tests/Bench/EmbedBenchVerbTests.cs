using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Bench;

[Collection(nameof(ConsoleTests))]
public sealed class EmbedBenchVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Embed_TinyRecipe_ComparesAndTimesIt()
    {
        var said = await RecsProgram.Succeed("bench", "embed", "--recipe", "tiny", "--runs", "2", "--tokens", "700", "--threads", "2", "--work", _folder.Path, "--json", _folder.In("bench.json"));
        Assert.Contains("have the same bits alone and together", said);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        var result = json.RootElement;
        Assert.Equal("embed", result.GetProperty("name").GetString());
        Assert.Equal("GFLOP/s", result.GetProperty("unit").GetString());
        Assert.True(result.GetProperty("checked").GetBoolean());
        Assert.Equal(2, result.GetProperty("threads").GetInt32());
        Assert.True(result.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
        var (ours, peak) = (result.GetProperty("ours").GetDouble(), result.GetProperty("peers").GetProperty("fma_peak").GetDouble());
        Assert.Equal(ours / peak, result.GetProperty("ratio").GetProperty("fma_peak").GetDouble(), 1e-9);
        var model = Assert.Single(result.GetProperty("models").EnumerateArray());
        Assert.Equal(700, model.GetProperty("tokens").GetInt64());
        Assert.Equal(2, model.GetProperty("runs").GetInt32());
        Assert.True(model.GetProperty("peak_resident_bytes").GetInt64() > 0);
        Assert.True(Directory.Exists(_folder.In("recipe-tiny")));
    }

    [Fact]
    public async Task Embed_Streaming_ComparesTwoProcesses()
    {
        await RecsProgram.Succeed("bench", "embed", "--recipe", "tiny", "--streaming", "--tokens", "600", "--memory", "1GiB", "--work", _folder.Path, "--json", _folder.In("bench.json"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json")));
        Assert.Equal("embed-streaming", json.RootElement.GetProperty("name").GetString());
        Assert.True(json.RootElement.GetProperty("checked").GetBoolean());
        Assert.Equal(1L << 30, json.RootElement.GetProperty("memory_bytes").GetInt64());
        Assert.Equal(json.RootElement.GetProperty("full").GetProperty("digest").GetString(), json.RootElement.GetProperty("stream").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Embed_WrongUsage_IsSaidInALine()
    {
        Assert.Contains("--model goes with neither", await RecsProgram.Fail(1, "bench", "embed", "--model", _folder.Path, "--recipe", "tiny"));
        Assert.Contains("range 1 to 1000", await RecsProgram.Fail(2, "bench", "embed", "--runs", "0"));
        Assert.Contains("16GiB", await RecsProgram.Fail(2, "bench", "embed", "--memory", "many"));
        Assert.Contains("huge", await RecsProgram.Fail(2, "bench", "embed", "--recipe", "huge"));
        Assert.StartsWith($"recs bench embed: {_folder.Path}: neither tokenizer.json", await RecsProgram.Fail(1, "bench", "embed", "--model", _folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
