using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Recs.Domain;
using Recs.Embedder.Planning;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench;

/// <summary>
/// The same texts with all layers in memory and with weights that pass through it, each in a process of its own so that its peak of memory is its own.
/// The vectors must have the same bits.
/// </summary>
internal sealed class StreamingBench(string folder, RecipePreset preset, int threads, int tokens, long? memory)
{
    /// <summary>A run is long and nothing is compiled any more after the one that warms up.</summary>
    private const int Runs = 1;

    /// <exception cref="RefusedException">A run failed.</exception>
    /// <exception cref="InvalidOperationException">The vectors differ.</exception>
    public async Task<StreamingBenchResult> Run(MachineFacts machine, CancellationToken cancel)
    {
        var checkpoint = Directory.EnumerateFiles(folder, "*.safetensors").Sum(file => new FileInfo(file).Length);
        // A third of the checkpoint, or for a small one what streaming needs at least.
        var need = CheckpointPlan.OfFolder(folder).Memory;
        var allowed = memory ?? Math.Max(checkpoint / 3, need.Least(threads) + need.LargestPart);
        var full = await Measure("full", null, cancel);
        var stream = await Measure("stream", allowed, cancel);
        if (full.Digest != stream.Digest) throw new InvalidOperationException($"recipe {preset.Name}: streaming makes other vectors than all layers in memory");
        return new StreamingBenchResult("embed-streaming", "tokens/s", stream.TokensPerSecond, Named(full.TokensPerSecond), Named(stream.TokensPerSecond / full.TokensPerSecond), Checked: true, machine)
        {
            Threads = threads,
            CheckpointBytes = checkpoint,
            MemoryBytes = allowed,
            WithinMemory = stream.PeakResidentBytes <= allowed,
            Full = full,
            Stream = stream,
        };
    }

    private static Dictionary<string, double> Named(double figure) => new() { ["full"] = figure };

    private async Task<EmbedRun> Measure(string residency, long? allowed, CancellationToken cancel)
    {
        var result = Path.Combine(folder, $"bench-{residency}-{Environment.ProcessId}.json");
        try
        {
            await RunChild(residency, allowed, result, cancel);
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(result, cancel), BenchJson.Default.EmbedBenchResult)!.Models[0];
        }
        finally
        {
            File.Delete(result);
        }
    }

    private async Task RunChild(string residency, long? allowed, string result, CancellationToken cancel)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "recs.dll"), "bench", "embed", "--recipe", preset.Name, "--work", Path.GetDirectoryName(folder)!, "--residency", residency,
            "--threads", Text(threads), "--tokens", Text(tokens), "--runs", Text(Runs), "--json", result,
            .. allowed is { } bytes ? ["--memory", Text(bytes)] : Array.Empty<string>(),
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["RECS_HOME"] = Home.Root;
        using var child = Process.Start(start) ?? throw new RefusedException($"{host}: did not start");
        try
        {
            var said = child.StandardOutput.ReadToEndAsync(cancel);
            var complained = await child.StandardError.ReadToEndAsync(cancel);
            await said;
            await child.WaitForExitAsync(cancel);
            if (child.ExitCode != 0) throw new RefusedException($"residency {residency}: {complained.Trim().Split('\n')[^1]}");
        }
        finally
        {
            if (!child.HasExited) child.Kill(entireProcessTree: true);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
