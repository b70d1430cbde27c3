using System.Globalization;
using Recs.Embedder;
using Recs.Embedder.Planning;
using Recs.Pipelines.Bench;
using Recs.Pipelines.Bench.Recipes;

namespace Recs.Pipelines.Plan;

/// <summary>Floating-point operations a second of the embedder itself on all cores: a made-up model of two layers, one of them with experts, is run.</summary>
internal static class ComputeRate
{
    private const int Tokens = 1024;

    private const int Runs = 3;

    /// <summary>Matrices as wide as the caches notice, in 54 MB.</summary>
    private static readonly RecipePreset Model = new()
    {
        Name = "rate", Vocabulary = 64, Hidden = 1024, ExpertWidth = 1024, DenseWidth = 2048, Layers = 2, Heads = 8, KeyValueHeads = 2, HeadSize = 128,
        Experts = 4, ExpertStep = 2, Chunk = 1024, Floor = 512, Positions = 4096, OriginalPositions = 1024,
    };

    public static MeasuredRate Measure(TimeProvider clock, CancellationToken cancel)
    {
        var root = Directory.CreateTempSubdirectory("recs-plan-");
        try
        {
            var folder = Path.Combine(root.FullName, Model.Name);
            new RecipeCheckpoint(Model).Write(folder, cancel);
            new RecipeVocabulary(Model.Vocabulary).Write(folder);
            var workload = EmbedWorkload.OfRecipe(Model, folder, Tokens);
            var cost = CheckpointPlan.OfFolder(folder).Cost;
            using var embedder = Llama4Embedder.Load(folder, new EmbedderOptions { MaxTokens = EmbedWorkload.MaxTokens });
            embedder.Embed(workload.Texts, progress: null, cancel);
            List<double> seconds = [];
            for (var run = 0; run < Runs; run++)
            {
                var begun = clock.GetTimestamp();
                embedder.Embed(workload.Texts, progress: null, cancel);
                seconds.Add(Math.Max(clock.GetElapsedTime(begun).TotalSeconds, 1e-9));
            }
            return new MeasuredRate(workload.Lengths.Sum(length => cost.OfText(length)) / Median.Of(seconds),
                string.Create(CultureInfo.InvariantCulture, $"measured on {Environment.ProcessorCount} cores"));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
