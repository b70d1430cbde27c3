using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Model;

/// <summary>A checkpoint folder with its weights in memory or ready to pass through it. Owns its file handles and weights.</summary>
internal sealed class OpenModel : IDisposable
{
    private OpenModel(CheckpointFolder checkpoint, Llama4Model model, ResidencyPlan plan, int threads) =>
        (Checkpoint, Model, Plan, Threads) = (checkpoint, model, plan, threads);

    public CheckpointFolder Checkpoint { get; }

    public Llama4Model Model { get; }

    public ResidencyPlan Plan { get; }

    /// <summary>Threads to compute with.</summary>
    public int Threads { get; }

    /// <param name="folder">config.json and safetensors.</param>
    /// <param name="options">Threads, residency and memory count here.</param>
    /// <param name="lanes">Micro-batches that will be computed at once; null: one a thread.</param>
    /// <param name="beforeLoading">Called when the files are open and consistent, before weights are read.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static OpenModel Open(string folder, EmbedderOptions options, int? lanes = null, Action<Llama4Config, CheckpointFolder>? beforeLoading = null)
    {
        if (options.MemoryBytes is < 1) throw new RefusedException($"memory of {options.MemoryBytes} bytes is out of range: at least 1");
        if (!Enum.IsDefined(options.Residency)) throw new RefusedException($"residency {options.Residency} is unknown: auto, full or stream");
        if (!Enum.IsDefined(options.Precision)) throw new RefusedException($"precision {options.Precision} is unknown: float32 or fp8");
        if (options.Threads is < 0 or > 1024) throw new RefusedException($"threads {options.Threads} is out of range: 0 (one a core) to 1024");
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var config = Llama4ConfigFile.Read(folder);
        var checkpoint = CheckpointFolder.Open(folder);
        try
        {
            var loader = new PartLoader(config, checkpoint, new CpuCompute(WorkerTeam.Alone));
            loader.RequireAll();
            beforeLoading?.Invoke(config, checkpoint);
            var plan = PlanResidency(CheckpointPlan.OfCheckpoint(folder, config, checkpoint).Memory, options, lanes ?? threads);
            return new OpenModel(checkpoint, Llama4Model.Load(loader, plan, threads), plan, threads);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static ResidencyPlan PlanResidency(MemoryNeed need, EmbedderOptions options, int lanes)
    {
        var memory = options.MemoryBytes ?? AvailableMemory.Bytes();
        if (need.Plan(options.Residency, memory, lanes) is { } plan) return plan;
        throw options.Residency == Residency.Full
            ? new RefusedException($"the layers need {need.AllLayers / 1e9:F2} GB of memory and {(need.Full(lanes) - need.AllLayers) / 1e9:F2} GB to compute with, but {memory / 1e9:F2} GB may be used; take --residency stream, or a larger machine")
            : new RefusedException($"even part by part {need.Least(lanes) / 1e9:F2} GB of memory are needed (largest part {need.LargestPart / 1e9:F2} GB), but {memory / 1e9:F2} GB may be used; allow more, or use fewer threads");
    }

    public void Dispose()
    {
        Model.Dispose();
        Checkpoint.Dispose();
    }
}
