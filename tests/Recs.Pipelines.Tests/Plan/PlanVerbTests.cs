using System.Text.Json;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Plan;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Plan;

[Collection(nameof(ConsoleTests))]
public sealed class PlanVerbTests : IDisposable
{
    private const string Scout = """
        {"model_type": "llama4_text", "vocab_size": 202048, "hidden_size": 5120, "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
         "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 16, "interleave_moe_layer_step": 1}
        """;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Plan_Config_SaysWhatItNeeds()
    {
        var config = _folder.Write("scout.json", Scout);
        var said = await RecsProgram.Succeed("plan", "--config", config, "--memory", "16GiB", "--tokens", "2000000", "--texts", "20000",
            "--disk-rate", "1000", "--flop-rate", "200", "--json", _folder.In("plan.json"));
        Assert.Contains("106,735,375,360", said.Replace("106735375360", "106,735,375,360"));
        Assert.Contains("15,103,923,200 parameters a token", said);
        Assert.Contains("weights passing through", said);
        Assert.Contains("bound by computing", said);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("plan.json")));
        var result = json.RootElement;
        Assert.Equal(96_636_764_160, result.GetProperty("parameters").GetProperty("routed_experts").GetInt64());
        Assert.Equal(106_735_375_360, result.GetProperty("parameters").GetProperty("total").GetInt64());
        Assert.Equal(16L << 30, result.GetProperty("memory").GetProperty("allowed").GetInt64());
        Assert.Equal(200e9, result.GetProperty("run").GetProperty("flops_per_second").GetProperty("per_second").GetDouble());
        Assert.Equal("stream", result.GetProperty("run").GetProperty("plan").GetProperty("residency").GetString());
        Assert.Equal("compute", result.GetProperty("run").GetProperty("plan").GetProperty("bound").GetString());
    }

    [Fact]
    public async Task Plan_TooLittleMemory_SaysHowMuch()
    {
        var said = await RecsProgram.Succeed("plan", "--config", _folder.Write("scout.json", Scout), "--memory", "1GiB", "--disk-rate", "1000", "--flop-rate", "200", "--json", _folder.In("plan.json"));
        Assert.Contains("does not fit", said);
        Assert.False(JsonDocument.Parse(File.ReadAllText(_folder.In("plan.json"))).RootElement.TryGetProperty("run", out _));
    }

    [Fact]
    public async Task Plan_BundledModel_MeasuresTheRatesOfThisMachine()
    {
        var said = await RecsProgram.Succeed("plan", "--model", Home.Model, "--tokens", "10000");
        Assert.Contains("all layers in memory", said);
        Assert.Contains("GFLOP/s (measured on", said);
        Assert.Contains("MB/s (measured, ", said);
    }

    [Fact]
    public void DiskRate_OfATemporaryFile_LeavesNothing()
    {
        var rate = DiskRate.OfTemporaryFile(TimeProvider.System);
        Assert.True(rate.PerSecond > 0);
        Assert.StartsWith("measured, ", rate.Source);
    }

    [Fact]
    public async Task Plan_WrongUsage_IsSaidInALine()
    {
        var config = _folder.Write("scout.json", Scout);
        Assert.Contains("either --model DIR or --config FILE", await RecsProgram.Fail(1, "plan"));
        Assert.Contains("either --model DIR or --config FILE", await RecsProgram.Fail(1, "plan", "--model", Home.Model, "--config", config));
        Assert.Contains("--dtype fp8 goes with --config", await RecsProgram.Fail(1, "plan", "--model", Home.Model, "--dtype", "fp8"));
        Assert.Contains("--texts 9", await RecsProgram.Fail(1, "plan", "--config", config, "--tokens", "8", "--texts", "9"));
        Assert.Contains("--tokens is 0", await RecsProgram.Fail(2, "plan", "--config", config, "--tokens", "0"));
        Assert.Contains("no such file", await RecsProgram.Fail(1, "plan", "--config", _folder.In("none.json")));
        Assert.Contains("model_type", await RecsProgram.Fail(1, "plan", "--config", _folder.Write("other.json", "{\"model_type\": \"bert\"}")));
    }

    public void Dispose() => _folder.Dispose();
}
