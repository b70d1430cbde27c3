using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>One NVIDIA GPU: its kernels, its weights and the instances that compute on it. Owns them all.</summary>
internal sealed class CudaBackend : IComputeBackend
{
    /// <summary>Left to the driver, to cuBLASLt and to other programs' growth.</summary>
    private const double Share = 0.92;

    private readonly CudaDevice _device;
    private readonly KernelModule _kernels;
    private readonly CudaWeights _weights;
    private readonly Precision _precision;
    private readonly CudaTuning _tuning;
    private readonly List<CudaCompute> _computes = [];
    private readonly Lock _gate = new();

    private CudaBackend(CudaDevice device, KernelModule kernels, Precision precision, CudaTuning tuning)
    {
        (_device, _kernels, _precision, _tuning) = (device, kernels, precision, tuning);
        _weights = new CudaWeights(device, kernels, precision);
    }

    public IWeightStore Weights => _weights;

    public CudaTuning Tuning => _tuning;

    /// <exception cref="CudaUnavailableException">There is no GPU to compute with.</exception>
    /// <exception cref="CudaException">There is one, but it does not do as it is told.</exception>
    public static CudaBackend Open(Precision precision, CudaTuning? tuning = null)
    {
        var versions = CudaDriver.Start(CudaSearch.Here);
        var device = CudaDevice.Open(0, versions.Devices);
        KernelModule? kernels = null;
        try
        {
            kernels = KernelModule.Load(device, KernelCache.OfUser());
            return new CudaBackend(device, kernels, precision, tuning ?? CudaTuning.Here());
        }
        catch
        {
            kernels?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>One: a GPU is filled by one micro-batch.</summary>
    public int Lanes(int threads) => 1;

    public ICompute NewCompute(WorkerTeam team) => NewCompute();

    public CudaCompute NewCompute()
    {
        var compute = new CudaCompute(_device, _kernels, _precision, _tuning);
        lock (_gate) _computes.Add(compute);
        return compute;
    }

    public long AvailableBytes() => (long)(_device.Memory().Free * Share);

    public MemoryNeed Need(CheckpointPlan checkpoint) => checkpoint.MemoryAt(_precision);

    public void Dispose()
    {
        foreach (var compute in _computes) compute.Dispose();
        _weights.Dispose();
        _kernels.Dispose();
        _device.Dispose();
    }
}
