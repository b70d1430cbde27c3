using System.Diagnostics;
using Recs.Embedder;
using Recs.Embedder.Batching;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;

namespace Recs.Gpu.Tests;

/// <summary>Whole forward passes of a few layers with random weights, from token ids to vectors, against what the device's peaks allow.</summary>
internal static class ThroughputRun
{
    private const int LeastTimes = 3;

    public static void All(Gpu gpu, LayerShape shape, string folder, Report report)
    {
        var isTiny = shape.Tokens[^1] < 1024;
        report.Peaks = PeakRun.Measure(gpu, isTiny ? 64 : 8192, isTiny ? 1 << 16 : 1L << 31);
        var checkpoint = Path.Combine(folder, "checkpoint");
        RandomCheckpoint.Write(checkpoint, shape);
        try
        {
            foreach (var precision in new[] { Precision.BFloat16, Precision.Fp8Experts }) Time(checkpoint, shape, precision, report);
        }
        finally
        {
            Directory.Delete(checkpoint, recursive: true);
        }
    }

    private static void Time(string checkpoint, LayerShape shape, Precision precision, Report report)
    {
        var options = new EmbedderOptions { Backend = Backend.Cuda, Precision = precision, Residency = Residency.Full };
        EmbeddingRecipe? whole = null, embedding = null;
        using var open = OpenModel.Open(checkpoint, options, beforeLoading: (config, _) =>
        {
            var folder = SentenceTransformersFolder.Read(checkpoint);
            (whole, embedding) = (EmbeddingRecipe.Of(options, folder, config), EmbeddingRecipe.Of(options with { Layer = 0 }, folder, config));
        });
        // Without a GPU the embedder goes on with the CPU, which is not what is to be timed.
        if (open.Backend is not CudaBackend cuda) throw new InvalidOperationException("no GPU computes; see the notice of the embedder");
        foreach (var tokens in shape.Tokens)
        {
            // Looking up embeddings and pooling are not a layer's: what takes them alone is taken off, and told beside.
            var seconds = Seconds(open.Model, whole!, cuda, shape, tokens);
            var around = Seconds(open.Model, embedding!, cuda, shape, tokens);
            report.Layers.Add(new LayerRow(precision.ToString(), tokens, (seconds - around) / LayerShape.Layers * 1e3, around * 1e3, shape.LeastSeconds(tokens, precision == Precision.Fp8Experts, report.Peaks!.Value) * 1e3));
        }
    }

    private static double Seconds(Llama4Model model, EmbeddingRecipe recipe, CudaBackend cuda, LayerShape shape, int tokens)
    {
        using var runner = new CudaRunner(model, new Readout(model, recipe, new PooledRange(0, 0)), cuda);
        var random = new Random(5);
        List<int[]> texts = [];
        for (var left = tokens; left > 0; left -= shape.TextTokens)
            texts.Add([.. Enumerable.Range(0, Math.Min(left, shape.TextTokens)).Select(_ => random.Next(LayerShape.Vocabulary))]);
        int[][][] batch = [[.. texts]];
        void Once() => runner.Run(batch, (_, _) => { }, null, CancellationToken.None);
        // Three times unseen: buffers grow, algorithms are asked for, launches are recorded.
        for (var time = 0; time < 3; time++) Once();
        var (watch, times) = (Stopwatch.StartNew(), 0);
        for (; times < LeastTimes || watch.Elapsed.TotalSeconds < shape.TimedSeconds; times++) Once();
        return watch.Elapsed.TotalSeconds / times;
    }
}
