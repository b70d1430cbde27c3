using Recs.Embedder.Batching;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute;

/// <summary>The cores of this machine.</summary>
internal sealed class CpuBackend(Precision precision) : IComputeBackend
{
    public IWeightStore Weights { get; } = new CpuWeights(precision);

    public Precision WideNumbers => precision == Precision.BFloat16 ? Precision.BFloat16 : Precision.Float32;

    public int Lanes(int threads) => threads;

    public int BatchTokens(Llama4Config config) => EmbeddingBatches.TokenBudget(config);

    public ICompute NewCompute(WorkerTeam team) => new CpuCompute(team, precision);

    public long AvailableBytes() => AvailableMemory.Bytes();

    public MemoryNeed Need(CheckpointPlan checkpoint) => checkpoint.Memory;

    public void Dispose()
    {
        // Weights are freed by their owners, threads by their team.
    }
}
