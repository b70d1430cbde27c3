namespace Recs.Embedder.Compute.Cuda;

/// <summary>The products of one compute instance: a plan for each shape that came up, and the workspace they share. One caller at a time.</summary>
internal sealed class GemmPlans(CudaDevice device) : IDisposable
{
    /// <summary>What NVIDIA advises for its newest devices.</summary>
    private const long WorkspaceBytes = 32 << 20;

    private readonly Dictionary<GemmShape, GemmPlan?> _plans = [];
    private readonly DeviceBuffer _workspace = new(device, "the workspace of products");

    /// <summary>Whether cuBLASLt has an algorithm: asked of it, not of its version.</summary>
    public bool Has(GemmShape shape) => Find(shape) is not null;

    /// <summary>y[t, n] = Σ x[t, k] · w[n, k], with scales where the shape has them.</summary>
    /// <exception cref="CudaException">There is no algorithm, or it failed.</exception>
    public void Run(CudaStream stream, GemmShape shape, DevicePointer x, int rows, DevicePointer w, DevicePointer y, DevicePointer rowScales = default, DevicePointer outputScales = default)
    {
        if (rows == 0) return;
        var plan = Find(shape) ?? throw new CudaException(
            $"GPU: cuBLASLt has no algorithm for products of {shape.Inputs} inputs and {shape.Outputs} outputs in {shape.Factors} on {device.Name} ({device.Architecture}); take another --precision", Native.CublasLt.NotSupported);
        plan.Run(stream, x, rows, w, y, rowScales, outputScales, _workspace);
    }

    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan?.Dispose();
        _workspace.Dispose();
    }

    private GemmPlan? Find(GemmShape shape)
    {
        if (_plans.TryGetValue(shape, out var plan)) return plan;
        _workspace.Reserve(WorkspaceBytes);
        return _plans[shape] = GemmPlan.Find(device, shape, _workspace.Pointer, WorkspaceBytes);
    }
}
