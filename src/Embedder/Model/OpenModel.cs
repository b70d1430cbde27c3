using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Planning;

namespace Recs.Embedder.Model;

/// <summary>A checkpoint folder with its weights in memory or ready to pass through it. Owns its file handles and weights.</summary>
internal sealed class OpenModel : IDisposable
{
    private OpenModel(CheckpointFolder checkpoint, IComputeBackend backend, Llama4Model model, ResidencyPlan plan, int threads) =>
        (Checkpoint, Backend, Model, Plan, Threads) = (checkpoint, backend, model, plan, threads);

    public CheckpointFolder Checkpoint { get; }

    /// <summary>What computes with the weights.</summary>
    public IComputeBackend Backend { get; }

    public Llama4Model Model { get; }

    public ResidencyPlan Plan { get; }

    /// <summary>Threads of this machine to compute with.</summary>
    public int Threads { get; }

    /// <summary>Micro-batches worth computing at once.</summary>
    public int Lanes => Backend.Lanes(Threads);

    /// <param name="folder">config.json and safetensors.</param>
    /// <param name="options">Threads, residency and memory count here.</param>
    /// <param name="lanes">Micro-batches that will be computed at once; null: one a thread.</param>
    /// <param name="beforeLoading">Called when the files are open and consistent, before weights are read.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static OpenModel Open(string folder, EmbedderOptions options, int? lanes = null, Action<Llama4Config, CheckpointFolder>? beforeLoading = null)
    {
        if (options.MemoryBytes is < 1) throw new RefusedException($"memory of {options.MemoryBytes} bytes is out of range: at least 1");
        if (!Enum.IsDefined(options.Residency)) throw new RefusedException($"residency {options.Residency} is unknown: auto, full or stream");
        if (!Enum.IsDefined(options.Precision)) throw new RefusedException($"precision {options.Precision} is unknown: float32, bf16, fp8 or fp8-experts");
        if (!Enum.IsDefined(options.Backend)) throw new RefusedException($"backend {options.Backend} is unknown: cpu or cuda");
        if (options.Threads is < 0 or > 1024) throw new RefusedException($"threads {options.Threads} is out of range: 0 (one a core) to 1024");
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var config = Llama4ConfigFile.Read(folder);
        var checkpoint = CheckpointFolder.Open(folder);
        IComputeBackend? backend = null;
        try
        {
            backend = ComputeBackends.Open(options);
            var loader = new PartLoader(config, checkpoint, backend.Weights, options.Precision);
            loader.RequireAll();
            beforeLoading?.Invoke(config, checkpoint);
            var plan = PlanResidency(backend, CheckpointPlan.OfCheckpoint(folder, config, checkpoint), options, lanes ?? backend.Lanes(threads));
            return new OpenModel(checkpoint, backend, Llama4Model.Load(loader, plan, threads), plan, threads);
        }
        catch
        {
            backend?.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    private static ResidencyPlan PlanResidency(IComputeBackend backend, CheckpointPlan checkpoint, EmbedderOptions options, int lanes)
    {
        var (need, memory) = (backend.Need(checkpoint), options.MemoryBytes ?? backend.AvailableBytes());
        if (need.Plan(options.Residency, memory, lanes) is { } plan) return plan;
        throw options.Residency == Residency.Full
            ? new RefusedException($"the layers need {need.AllLayers / 1e9:F2} GB of memory and {(need.Full(lanes) - need.AllLayers) / 1e9:F2} GB to compute with, but {memory / 1e9:F2} GB may be used; take --residency stream, or a larger machine")
            : new RefusedException($"even part by part {need.Least(lanes) / 1e9:F2} GB of memory are needed (largest part {need.LargestPart / 1e9:F2} GB), but {memory / 1e9:F2} GB may be used; allow more, or use fewer threads");
    }

    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
        Checkpoint.Dispose();
    }
}
