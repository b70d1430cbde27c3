using Recs.Embedder.Batching;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Model;
using Recs.Embedder.Planning;
using Recs.Embedder.Recipe;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>A checkpoint on the test double with a tuning of the test's own.</summary>
internal static class CudaRun
{
    /// <summary>Each batch is one micro-batch; the mean of all tokens, not normalised.</summary>
    public static TextEmbedding[] Embed(string checkpoint, Precision precision, int[][] batch, CudaTuning tuning) => Embed(checkpoint, precision, [batch], tuning)[0];

    public static TextEmbedding[][] Embed(string checkpoint, Precision precision, IReadOnlyList<int[][]> batches, CudaTuning tuning, Action<CudaBackend>? watch = null, IReadOnlyList<int>? devices = null)
    {
        using var folder = CheckpointFolder.Open(checkpoint);
        using var backend = CudaBackend.Open(precision, devices, tuning);
        var config = Llama4ConfigFile.Read(checkpoint);
        var loader = new PartLoader(config, folder, backend.Weights, precision);
        using var model = Llama4Model.Load(loader, new ResidencyPlan(true, false, 4096), 2);
        var recipe = EmbeddingRecipe.Of(new EmbedderOptions { Precision = precision }, SentenceTransformersFolder.Read(checkpoint), config);
        using var runner = new CudaRunner(model, new Readout(model, recipe, new PooledRange(0, 0)), backend);
        var made = new TextEmbedding[batches.Count][];
        for (var b = 0; b < batches.Count; b++)
        {
            runner.Run([batches[b]], (_, embeddings) => made[b] = embeddings, null, TestContext.Current.CancellationToken);
            watch?.Invoke(backend);
        }
        return made;
    }
}
