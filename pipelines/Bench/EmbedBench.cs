using System.Runtime.CompilerServices;
using Recs.Embedder;
using Recs.Embedder.Planning;

namespace Recs.Pipelines.Bench;

/// <summary>Loads a model, compares its vectors, and times it against the peak of the machine, run by run.</summary>
internal sealed class EmbedBench(EmbedderOptions options, FmaPeak peak, TimeProvider clock)
{
    /// <summary>Texts that are compared before timing.</summary>
    private const int CheckedTexts = 8;

    /// <summary>When layers are read for every pass, each comparison reads the checkpoint.</summary>
    private const int CheckedTextsStreaming = 2;

    /// <param name="workload">Model and texts.</param>
    /// <param name="runs">Timed ones, at least 1.</param>
    /// <param name="loadTwice">Whether to time a second load, which finds its code compiled.</param>
    /// <param name="cancel">Stops between layers.</param>
    /// <exception cref="InvalidOperationException">Vectors differ where they must not.</exception>
    public EmbedRun Run(EmbedWorkload workload, int runs, bool loadTwice, CancellationToken cancel)
    {
        var cost = CheckpointPlan.OfFolder(workload.Folder).Cost;
        var operations = workload.Lengths.Sum(length => cost.OfText(length));
        double? second = null;
        var first = loadTwice ? LoadAndDrop(workload.Folder) : 0;
        GC.Collect();
        var begun = clock.GetTimestamp();
        using var embedder = Llama4Embedder.Load(workload.Folder, options);
        var loaded = clock.GetElapsedTime(begun).TotalSeconds;
        if (loadTwice) second = loaded;
        else first = loaded;

        var compared = EmbedCheck.Run(embedder, workload, options.Residency == Residency.Stream ? CheckedTextsStreaming : CheckedTexts, options.Precision);
        // In full, so that every buffer has its size and every method its final code.
        var digest = EmbedCheck.Digest(embedder.Embed(workload.Texts, progress: null, cancel));
        List<double> seconds = [], paired = [], peaks = [], allocated = [];
        for (var run = 0; run < runs; run++)
        {
            peaks.Add(peak.Measure());
            var before = GC.GetTotalAllocatedBytes(precise: true);
            begun = clock.GetTimestamp();
            var vectors = embedder.Embed(workload.Texts, progress: null, cancel);
            seconds.Add(Math.Max(clock.GetElapsedTime(begun).TotalSeconds, 1e-9));
            allocated.Add(GC.GetTotalAllocatedBytes(precise: true) - before);
            peaks.Add(peak.Measure());
            paired.Add(operations / seconds[^1] * 2 / (peaks[^1] + peaks[^2]));
            if (EmbedCheck.Digest(vectors) != digest) throw new InvalidOperationException($"{workload.Name}: run {run + 1} made other vectors than the one before");
        }
        var median = Median.Of(seconds);
        var rate = operations / median;
        return new EmbedRun(workload.Name, workload.Texts.Count, workload.Tokens, runs, median, workload.Texts.Count / median, workload.Tokens / median, rate / 1e9,
            peak.Best / 1e9, Median.Of(peaks) / 1e9, rate / peak.Best, Median.Of(paired), first, second,
            Median.Of(allocated), MachineFacts.PeakResidentBytes(), digest, compared);
    }

    /// <summary>Apart, so that nothing of the first load is alive at the second.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private double LoadAndDrop(string folder)
    {
        var begun = clock.GetTimestamp();
        using var embedder = Llama4Embedder.Load(folder, options);
        return clock.GetElapsedTime(begun).TotalSeconds;
    }
}
