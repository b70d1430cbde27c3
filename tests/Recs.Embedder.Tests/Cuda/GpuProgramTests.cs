using System.Diagnostics;
using Recs.Embedder.Tests.Cuda.Double;
using Recs.Embedder.Tests.Cuda.Simulator;
using Recs.Tests;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>The program that machines with a GPU run (tests/gpu), to its end on the test double, so that it is not first tried where time is dear.</summary>
public sealed class GpuProgramTests
{
    [Fact]
    public async Task Program_TinyLayers_EndsWithAReportWithoutFailures()
    {
        SimulatorBuild.Need();
        // Beside this test's own output, built of the same configuration.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(Requirements.Root, "artifacts", "bin", "Recs.Gpu.Tests", configuration, "Recs.Gpu.Tests.dll");
        Requirements.Need("gpu-program", File.Exists(program), $"{program} is not built; build the solution");
        var folder = GoldenFolder.Temporary();
        var start = new ProcessStartInfo("dotnet", [program, "--out", folder, "--shape", "tiny", "--only", "throughput"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The double's folder, for a process of its own: this one may be in a run of it.
        start.Environment["RECS_CUDA_PATH"] = CudaDouble.Folder;
        start.Environment["RECS_CUDA_CACHE"] = folder;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        using var report = GoldenFolder.Json(Path.Combine(folder, "gpu.json"));
        Assert.Equal(0, report.RootElement.GetProperty("Failures").GetArrayLength());
        Assert.Equal(4, report.RootElement.GetProperty("Layers").GetArrayLength());
        Assert.All(report.RootElement.GetProperty("Layers").EnumerateArray(), row => Assert.True(row.GetProperty("Milliseconds").GetDouble() > 0));
        Assert.False(Directory.Exists(Path.Combine(folder, "checkpoint")));
    }
}
