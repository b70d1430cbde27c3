using System.Text.Json;
using Recs.Embedder.Tests.Cuda.Double;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Cuda;

/// <summary>The command line with <c>--backend cuda</c>, on the test double and where there is no GPU.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class CudaCommandTests : IDisposable
{
    private static readonly string Model = Path.Combine(Requirements.Root, "models", "llama4-nano");
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Embed_OnTheGpu_AFileOfVectors()
    {
        using var run = CudaDouble.Begin();
        var input = Texts(3);
        var (code, said, complained) = await RecsProgram.Run("embed", "--model", Model, "--input", input, "--output", _folder.In("gpu.parquet"), "--backend", "cuda");
        Assert.Equal((0, ""), (code, complained));
        Assert.Contains("3 texts", said);
        Assert.True(run.Count("launches") > 0);
    }

    [Fact]
    public async Task Embed_GpuFailsInTheMiddle_FinishedBlocksAreKeptAndTheNextRunGoesOn()
    {
        var input = Texts(6);
        string[] command = ["embed", "--model", Model, "--input", input, "--output", _folder.In("resumed.parquet"), "--block", "2", "--backend", "cuda"];
        string[] whole = ["embed", "--model", Model, "--input", input, "--output", _folder.In("whole.parquet"), "--block", "2", "--backend", "cuda"];
        using var run = CudaDouble.Begin();
        var before = run.Count("launches");
        Assert.Equal(0, (await RecsProgram.Run(whole)).Code);
        var launches = run.Count("launches") - before;
        // Two thirds on: within the second block or the third.
        run.Wish("launch", launches * 2 / 3);
        var (code, _, complained) = await RecsProgram.Run(command);
        Assert.Equal(1, code);
        Assert.Contains("CUDA_ERROR_LAUNCH_FAILED", complained);
        Assert.Contains("finished blocks are kept", complained);
        var (again, said, _) = await RecsProgram.Run(command);
        Assert.Equal(0, again);
        Assert.Contains("by an earlier run", said);
        Assert.Equal(File.ReadAllBytes(_folder.In("whole.parquet")), File.ReadAllBytes(_folder.In("resumed.parquet")));
    }

    [Fact]
    public async Task Embed_NoGpu_TheCpuTakesOverInALine()
    {
        using var run = CudaDouble.Begin(("init-fails", 1));
        var (code, said, complained) = await RecsProgram.Run("embed", "--model", Model, "--input", Texts(1), "--output", _folder.In("cpu.parquet"), "--backend", "cuda");
        Assert.Equal(0, code);
        Assert.Contains("1 texts", said);
        Assert.Contains("the CPU computes instead", Assert.Single(complained.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Doctor_WithAGpu_ShowsItAndItsDriver()
    {
        using var run = CudaDouble.Begin(("devices", 2));
        var (_, said, _) = await RecsProgram.Run("doctor", "--json", _folder.In("doctor.json"));
        Assert.Contains("Test double 1, sm_90, 1.0 of 1.0 GiB free", said);
        Assert.Contains("driver for CUDA 13.0, NVRTC 12.9", said);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(File.ReadAllText(_folder.In("doctor.json"))).RootElement.ValueKind);
    }

    [Fact]
    public async Task Plan_OnTheGpu_TakesItsMemory()
    {
        using var run = CudaDouble.Begin(("memory", 64 << 20));
        var (code, said, complained) = await RecsProgram.Run("plan", "--model", Model, "--backend", "cuda", "--precision", "fp8-experts", "--disk-rate", "100", "--flop-rate", "100");
        Assert.Equal((0, ""), (code, complained));
        Assert.Contains("64", said);
        Assert.Equal(1, (await RecsProgram.Run("plan", "--model", Model, "--backend", "cuda", "--disk-rate", "100")).Code);
    }

    public void Dispose() => _folder.Dispose();

    private string Texts(int count)
    {
        var path = _folder.In($"texts{count}.txt");
        File.WriteAllLines(path, Enumerable.Range(1, count).Select(n => $"red mug {n}"));
        return path;
    }
}
