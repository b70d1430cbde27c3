using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>Weights in the machine's own memory, packed for the kernels. The token table stays in its file.</summary>
internal sealed class CpuWeights(Precision precision = Precision.Float32) : IWeightStore
{
    public Matrix Upload(params ReadOnlySpan<MatrixSource> stacked) =>
        PackedMatrix.Pack(stacked, precision == Precision.BFloat16 ? ElementType.BF16 : null);

    public Vector UploadVector(TensorView source) => new CpuVector(source.ReadFinite(0, checked((int)source.Count)));

    public EmbeddingTable UploadTable(TensorView source, bool isResident)
    {
        var table = new CpuEmbeddingTable(source, isResident);
        table.RequireFinite();
        return table;
    }

    public void Settle()
    {
        // Everything is where it belongs when an upload returns.
    }
}
