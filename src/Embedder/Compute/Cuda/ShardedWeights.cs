using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Weights over several devices: routed expert e on device e modulo their number, all else on the first. Thread-safe.</summary>
internal sealed class ShardedWeights(IReadOnlyList<CudaWeights> stores) : IWeightStore
{
    public Matrix Upload(params ReadOnlySpan<MatrixSource> stacked) => stores[(stacked[0].Expert ?? 0) % stores.Count].Upload(stacked);

    public Vector UploadVector(TensorView source) => stores[0].UploadVector(source);

    public EmbeddingTable UploadTable(TensorView source, bool isResident) => stores[0].UploadTable(source, isResident);

    public void Settle()
    {
        foreach (var store in stores) store.Settle();
    }
}
