using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Weights over several devices: routed expert e on device e modulo their number, all else on every one, so that each takes texts of its own up to the experts. Thread-safe.</summary>
internal sealed class ReplicatedWeights(IReadOnlyList<CudaWeights> stores) : IWeightStore
{
    public Matrix Upload(params ReadOnlySpan<MatrixSource> stacked)
    {
        if (stacked[0].Expert is { } expert) return stores[expert % stores.Count].Upload(stacked);
        var copies = new CudaMatrix?[stores.Count];
        try
        {
            for (var d = 0; d < copies.Length; d++) copies[d] = (CudaMatrix)stores[d].Upload(stacked);
            return new ReplicatedMatrix(copies!);
        }
        catch
        {
            foreach (var copy in copies) copy?.Dispose();
            throw;
        }
    }

    public Vector UploadVector(TensorView source) => new ReplicatedVector([.. stores.Select(store => (store.Device, (CudaVector)store.UploadVector(source)))]);

    public EmbeddingTable UploadTable(TensorView source, bool isResident) => stores[0].UploadTable(source, isResident);

    public void Settle()
    {
        foreach (var store in stores) store.Settle();
    }
}

/// <summary>The same matrix on several devices.</summary>
internal sealed class ReplicatedMatrix(CudaMatrix[] copies) : Matrix(copies[0].Outputs, copies[0].Inputs)
{
    /// <summary>The one on a device.</summary>
    public static CudaMatrix On(CudaDevice device, Matrix matrix)
    {
        if (matrix is not ReplicatedMatrix replicated) return (CudaMatrix)matrix;
        foreach (var copy in replicated.Copies)
            if (ReferenceEquals(copy.Device, device)) return copy;
        throw new InvalidOperationException($"GPU {device.Ordinal} has no copy of a matrix");
    }

    public override void Dispose()
    {
        foreach (var copy in copies) copy.Dispose();
    }

    private CudaMatrix[] Copies => copies;
}

/// <summary>The same vector on several devices.</summary>
internal sealed class ReplicatedVector((CudaDevice Device, CudaVector Vector)[] copies) : Vector(copies[0].Vector.Length)
{
    /// <summary>The one on a device.</summary>
    public static DevicePointer On(CudaDevice device, Vector vector)
    {
        if (vector is not ReplicatedVector replicated) return ((CudaVector)vector).Pointer;
        foreach (var copy in replicated.Copies)
            if (ReferenceEquals(copy.Device, device)) return copy.Vector.Pointer;
        throw new InvalidOperationException($"GPU {device.Ordinal} has no copy of a vector");
    }

    private (CudaDevice Device, CudaVector Vector)[] Copies => copies;
}
