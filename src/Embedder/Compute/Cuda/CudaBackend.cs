using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.Cuda.Native;
using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>NVIDIA GPUs of this machine: their kernels, their weights and the instances that compute on them. Owns them all.</summary>
internal sealed class CudaBackend : IComputeBackend
{
    /// <summary>The rest is left to the driver, to cuBLASLt and to other programs' growth.</summary>
    private const double Share = 0.92;

    private readonly List<CudaGpu> _gpus;
    private readonly Precision _precision;
    private readonly List<CudaCompute> _computes = [];
    private readonly Lock _gate = new();

    private CudaBackend(List<CudaGpu> gpus, Precision precision, CudaTuning tuning)
    {
        (_gpus, _precision, Tuning) = (gpus, precision, tuning);
        Weights = gpus.Count == 1 ? gpus[0].Weights : new ReplicatedWeights(gpus.ConvertAll(gpu => gpu.Weights));
    }

    public IWeightStore Weights { get; }

    public Precision WideNumbers => _precision == Precision.Float32 ? Precision.Float32 : Precision.BFloat16;

    public CudaTuning Tuning { get; }

    /// <param name="precision">What a number is.</param>
    /// <param name="devices">The driver's numbers, each once; null: the first device.</param>
    /// <param name="tuning">Null: defaults, and what the environment says.</param>
    /// <exception cref="CudaUnavailableException">There is no GPU to compute with.</exception>
    /// <exception cref="RefusedException">There is one, but not of that number, or it does not do as it is told.</exception>
    public static CudaBackend Open(Precision precision, IReadOnlyList<int>? devices = null, CudaTuning? tuning = null)
    {
        var versions = CudaDriver.Start(CudaSearch.Here);
        var numbers = devices ?? [0];
        if (numbers.Count == 0 || numbers.Distinct().Count() != numbers.Count) throw new RefusedException($"devices {string.Join(',', numbers)}: name at least one, and each once");
        List<CudaGpu> gpus = [];
        try
        {
            foreach (var number in numbers) gpus.Add(CudaGpu.Open(number, versions.Devices, precision));
            Introduce(gpus);
            return new CudaBackend(gpus, precision, tuning ?? CudaTuning.Here());
        }
        catch
        {
            foreach (var gpu in gpus) gpu.Dispose();
            throw;
        }
    }

    /// <summary>Each takes micro-batches of its own where the weights are resident.</summary>
    public int Devices => _gpus.Count;

    /// <summary>One a device: a GPU is filled by one micro-batch.</summary>
    public int Lanes(int threads) => 1;

    public int BatchTokens(Llama4Config config) => CudaTuning.BatchTokens;

    public ICompute NewCompute(WorkerTeam team) => NewCompute(0);

    /// <param name="home">Which of the devices computes all but the routed experts of others.</param>
    public CudaCompute NewCompute(int home)
    {
        var compute = new CudaCompute([_gpus[home], .. _gpus.Where((_, at) => at != home)], _precision, Tuning);
        lock (_gate) _computes.Add(compute);
        return compute;
    }

    /// <summary>Of the device that has least: all need as much.</summary>
    public long AvailableBytes() => (long)(_gpus.Min(gpu => gpu.Device.Memory().Free) * Share);

    /// <summary>Of each device: all but routed experts, and its share of those.</summary>
    public MemoryNeed Need(CheckpointPlan checkpoint) => checkpoint.OnGpus(_precision, _gpus.Count);

    public void Dispose()
    {
        foreach (var compute in _computes) compute.Dispose();
        foreach (var gpu in _gpus) gpu.Dispose();
    }

    /// <summary>Lets devices that can read each other's memory; where they cannot, the driver copies through the host.</summary>
    private static unsafe void Introduce(List<CudaGpu> gpus)
    {
        foreach (var gpu in gpus)
        {
            foreach (var peer in gpus.Where(peer => peer != gpu))
            {
                int can;
                CudaStatus.Check(Libcuda.DeviceCanAccessPeer(&can, gpu.Device.Handle, peer.Device.Handle), "asking whether GPUs see each other");
                if (can == 0) continue;
                gpu.Device.MakeCurrent();
                var enabled = Libcuda.CtxEnablePeerAccess(peer.Device.Context, 0);
                if (enabled != Libcuda.PeerAccessAlreadyEnabled) CudaStatus.Check(enabled, $"letting GPU {gpu.Device.Ordinal} see GPU {peer.Device.Ordinal}");
            }
        }
    }
}
