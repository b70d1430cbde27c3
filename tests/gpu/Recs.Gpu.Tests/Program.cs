using System.Diagnostics;
using System.Globalization;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Gpu.Tests;

/// <summary>The steps in order, each told as it is done, and the report of all of them. A step that fails ends in the report, not the run.</summary>
internal static class Program
{
    private const string Usage = """
        usage: Recs.Gpu.Tests --out DIR [--golden DIR] [--shape scout|tiny] [--only kernels|golden|throughput] [--torch FILE]
        Writes gpu.json and gpu.md to --out. Exit 0: everything that ran is right.
        """;

    public static int Main(string[] args)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < args.Length; i += 2) options[args[i]] = args[i + 1];
        if (args.Length % 2 != 0 || !options.TryGetValue("--out", out var folder) || options.Keys.Except(["--out", "--golden", "--shape", "--only", "--torch"]).Any())
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }
        Directory.CreateDirectory(folder);
        var shape = LayerShape.Named(options.GetValueOrDefault("--shape", "scout"));
        var only = options.GetValueOrDefault("--only");
        Gpu gpu;
        try
        {
            gpu = new Gpu();
        }
        catch (Exception error) when (error is CudaException or CudaUnavailableException)
        {
            Console.Error.WriteLine($"no GPU to test: {error.Message}");
            return 2;
        }
        using var ownedGpu = gpu;
        var report = new Report(gpu.Description, shape.Name);
        if (only is null or "kernels") Step(report, "kernels", () => KernelRun.All(gpu, report), folder);
        if (only is null or "golden" && options.TryGetValue("--golden", out var golden)) Step(report, "golden", () => GoldenRun.All(golden, folder, report), folder);
        if (only is null or "throughput") Step(report, "throughput", () => ThroughputRun.All(gpu, shape, folder, report), folder);
        if (options.TryGetValue("--torch", out var torch) && File.Exists(torch)) report.ReadTorch(torch);
        report.Write(folder);
        Console.WriteLine(File.ReadAllText(Path.Combine(folder, "gpu.md")));
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private static void Step(Report report, string name, Action run, string folder)
    {
        var watch = Stopwatch.StartNew();
        Console.WriteLine($"{name} …");
        try
        {
            run();
        }
        catch (Exception error) when (error is CudaException or IOException or InvalidOperationException or Domain.RefusedException or ArgumentException)
        {
            report.Failures.Add($"{name}: {error.Message}");
        }
        // After every step, so that a run that is ended early has told what it knew.
        report.Write(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {watch.Elapsed.TotalSeconds:F1} s"));
    }
}
