using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>Brings weights from a checkpoint to where a backend computes. Thread-safe; weights are read-only and may be used with every instance of the same backend.</summary>
internal interface IWeightStore
{
    /// <summary>The matrices of <paramref name="stacked"/> above one another along their outputs. Refuses numbers that are not finite.</summary>
    Matrix Upload(params ReadOnlySpan<MatrixSource> stacked);

    /// <summary>Refuses numbers that are not finite.</summary>
    Vector UploadVector(TensorView source);

    /// <summary>The rows by token id; where they are not resident they are read when they are asked for. Refuses numbers that are not finite.</summary>
    EmbeddingTable UploadTable(TensorView source, bool isResident);

    /// <summary>Waits until everything uploaded so far has arrived, so that nobody need wait for it again.</summary>
    void Settle();
}
