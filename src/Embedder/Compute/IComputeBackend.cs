using Recs.Embedder.Checkpoint;
using Recs.Embedder.Planning;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute;

/// <summary>A kind of machine that can run the model. Thread-safe; outlives the weights and instances it makes.</summary>
internal interface IComputeBackend : IDisposable
{
    IWeightStore Weights { get; }

    /// <summary>What products compute with where the precision rounds nothing to FP8: float32 or bf16. Part of the embedding version.</summary>
    Precision WideNumbers { get; }

    /// <summary>Micro-batches worth computing at once, where so many threads may be used.</summary>
    int Lanes(int threads);

    /// <summary>Tokens a micro-batch aims at.</summary>
    int BatchTokens(Llama4Config config);

    /// <summary>A new instance; <paramref name="team"/> computes where the backend uses the CPU.</summary>
    ICompute NewCompute(WorkerTeam team);

    /// <summary>Bytes that weights and activations may take where nobody said how many.</summary>
    long AvailableBytes();

    /// <summary>What a checkpoint takes here.</summary>
    MemoryNeed Need(CheckpointPlan checkpoint);
}
