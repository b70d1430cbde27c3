using System.CommandLine;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench;

/// <summary><c>recs bench embed</c>: the embedder against the multiply-add peak of the processor.</summary>
internal static class EmbedBenchVerb
{
    public static Command Create(TimeProvider clock)
    {
        var options = new EmbedBenchOptions();
        return Verb.Create("embed",
            "Texts, tokens and operations a second of the embedder against the multiply-add peak of this processor, measured in the same run; vectors are compared first. Without --model and --recipe: llama4-nano and the recipe medium.",
            options.All, async (parsed, cancel) =>
            {
                var chosen = options.Read(parsed);
                using var models = new EmbedBenchModels(chosen.Work);
                return chosen.Streaming ? await Stream(chosen, models, cancel) : Measure(chosen, models, clock, cancel);
            });
    }

    private static int Measure(EmbedBenchChoice chosen, EmbedBenchModels models, TimeProvider clock, CancellationToken cancel)
    {
        var machine = MachineFacts.Read();
        var bench = new EmbedBench(chosen.Embedder, new FmaPeak(chosen.Embedder.Threads, clock), clock);
        List<EmbedRun> runs = [];
        List<string> skipped = [];
        foreach (var workload in Workloads(chosen, models, skipped, cancel))
            runs.Add(bench.Run(workload, chosen.Runs, loadTwice: chosen.Embedder.Residency != Residency.Stream, cancel));
        if (runs.Count == 0) throw new RefusedException(string.Join("; ", skipped));
        BenchTable.Show(runs, skipped, machine, chosen.Embedder.Threads);
        var (ours, peak) = (runs[0].Gflops, runs[0].FmaPeak);
        Verb.WriteJson(chosen.Json, new EmbedBenchResult("embed", "GFLOP/s", ours, Named("fma_peak", peak), Named("fma_peak", ours / peak), Checked: true, machine)
        {
            Threads = chosen.Embedder.Threads,
            Models = runs,
            Skipped = skipped,
        }, BenchJson.Default.EmbedBenchResult);
        return 0;
    }

    private static async Task<int> Stream(EmbedBenchChoice chosen, EmbedBenchModels models, CancellationToken cancel)
    {
        var preset = RecipePreset.Find(chosen.Recipe ?? EmbedBenchChoice.DefaultRecipe);
        if (models.WhyNot(preset) is { } reason) throw new RefusedException(reason);
        var bench = new StreamingBench(models.Make(preset, cancel), preset, chosen.Embedder.Threads, chosen.Tokens, chosen.Embedder.MemoryBytes);
        var result = await bench.Run(MachineFacts.Read(), cancel);
        BenchTable.Show(result);
        Verb.WriteJson(chosen.Json, result, BenchJson.Default.StreamingBenchResult);
        return 0;
    }

    private static IEnumerable<EmbedWorkload> Workloads(EmbedBenchChoice chosen, EmbedBenchModels models, List<string> skipped, CancellationToken cancel)
    {
        if (chosen.Recipe is null) yield return EmbedWorkload.Catalogue(chosen.Model ?? Home.Model);
        if (chosen.Model is not null) yield break;
        var preset = RecipePreset.Find(chosen.Recipe ?? EmbedBenchChoice.DefaultRecipe);
        if (models.WhyNot(preset) is { } reason) skipped.Add(reason);
        else yield return EmbedWorkload.OfRecipe(preset, models.Make(preset, cancel), chosen.Tokens);
    }

    private static Dictionary<string, double> Named(string name, double figure) => new() { [name] = figure };
}
