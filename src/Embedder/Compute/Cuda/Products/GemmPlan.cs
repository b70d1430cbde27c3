using System.Numerics;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// A product of one <see cref="GemmShape"/> with the algorithm it always uses, whatever the rows: cuBLASLt is asked once, for
/// <see cref="PlannedRows"/> rows and without splitting the sum, so that a row of the result hangs on its own row alone. One caller at a time.
/// </summary>
/// <remarks>
/// cuBLASLt thinks in columns: there, w is A [k × n] transposed, x is B [k × t] and y is D [n × t], each with its row length as leading dimension.
/// </remarks>
internal sealed unsafe class GemmPlan : IDisposable
{
    /// <summary>Rows an algorithm is chosen for: a good middle between one text and a large batch.</summary>
    private const int PlannedRows = 1024;

    private const int Asked = 8;

    private readonly CudaDevice _device;
    private readonly GemmShape _shape;
    private readonly nint _desc, _w, _x, _y;
    private readonly Dictionary<int, MatmulAlgorithm> _others = [];
    private MatmulAlgorithm _algorithm;
    private int _columns = -1;

    private GemmPlan(CudaDevice device, GemmShape shape)
    {
        (_device, _shape) = (device, shape);
        _desc = Make(desc => CublasLt.MatmulDescCreate((nint*)desc, CublasLt.Compute32F, CublasLt.Real32F));
        Set(CublasLt.DescTransA, CublasLt.OperationTranspose);
        Set(CublasLt.DescTransB, CublasLt.OperationNone);
        var (n, k) = ((ulong)shape.Outputs, (ulong)shape.Inputs);
        _w = Layout(shape.Factors, k, n);
        _x = Layout(shape.Factors, k, PlannedRows);
        _y = Layout(shape.Result, n, PlannedRows);
    }

    /// <summary>Null where this cuBLASLt has no algorithm for the shape on this device.</summary>
    /// <param name="device">Where.</param>
    /// <param name="shape">What.</param>
    /// <param name="scale">Any device address: with <see cref="GemmShape.IsScaled"/> cuBLASLt wants one to choose by.</param>
    /// <param name="workspaceBytes">What the algorithm may use.</param>
    public static GemmPlan? Find(CudaDevice device, GemmShape shape, DevicePointer scale, long workspaceBytes)
    {
        device.MakeCurrent();
        var plan = new GemmPlan(device, shape);
        if ((!shape.IsScaled || plan.TrySetScales(scale.Address, scale.Address)) && plan.Choose(PlannedRows, workspaceBytes) is { } algorithm)
        {
            plan._algorithm = algorithm;
            return plan;
        }
        plan.Dispose();
        return null;
    }

    /// <summary>y = x · wᵀ on <paramref name="stream"/>; the scales count only with <see cref="GemmShape.IsScaled"/>.</summary>
    public void Run(CudaStream stream, DevicePointer x, int rows, DevicePointer w, DevicePointer y, DevicePointer rowScales, DevicePointer outputScales, DeviceBuffer workspace)
    {
        _device.MakeCurrent();
        SetRows(rows);
        if (_shape.IsScaled) _ = TrySetScales(outputScales.Address, rowScales.Address);
        var result = _others.TryGetValue(rows, out var other) ? Run(stream, x, w, y, other, workspace) : Run(stream, x, w, y, _algorithm, workspace);
        if (result is CublasLt.NotSupported or CublasLt.InvalidValue && Choose(rows, workspace.Bytes) is { } chosen)
        {
            // The algorithm does not do so few rows: another one for just these.
            _others[rows] = chosen;
            result = Run(stream, x, w, y, chosen, workspace);
        }
        CudaStatus.CheckProduct(result, $"a product of {rows} rows, {_shape.Inputs} inputs and {_shape.Outputs} outputs in {_shape.Factors}");
    }

    public void Dispose()
    {
        _device.MakeCurrent();
        foreach (var layout in (ReadOnlySpan<nint>)[_w, _x, _y]) _ = CublasLt.MatrixLayoutDestroy(layout);
        _ = CublasLt.MatmulDescDestroy(_desc);
    }

    private int Run(CudaStream stream, DevicePointer x, DevicePointer w, DevicePointer y, MatmulAlgorithm algorithm, DeviceBuffer workspace)
    {
        float one = 1, zero = 0;
        return CublasLt.Matmul(_device.Products, _desc, &one, w.Address, _w, x.Address, _x, &zero, y.Address, _y, y.Address, _y, &algorithm, workspace.Pointer.Address, (nuint)workspace.Bytes, stream.Handle);
    }

    private MatmulAlgorithm? Choose(int rows, long workspaceBytes)
    {
        SetRows(rows);
        var preference = Make(made => CublasLt.MatmulPreferenceCreate((nint*)made));
        try
        {
            Prefer(CublasLt.PreferenceMaxWorkspace, (ulong)workspaceBytes);
            // None: with more threads to a sum, its order would depend on the rows.
            Prefer(CublasLt.PreferenceReductionSchemes, 0u);
            // An expert's rows begin anywhere among the sorted tokens.
            Prefer(CublasLt.PreferenceMinAlignmentB, Alignment(_shape.Inputs, _shape.Factors));
            Prefer(CublasLt.PreferenceMinAlignmentC, Alignment(_shape.Outputs, _shape.Result));
            Prefer(CublasLt.PreferenceMinAlignmentD, Alignment(_shape.Outputs, _shape.Result));
            var found = stackalloc MatmulHeuristic[Asked];
            int count;
            var result = CublasLt.MatmulAlgoGetHeuristic(_device.Products, _desc, _w, _x, _y, _y, preference, Asked, found, &count);
            // Versions differ in what they answer to FP8 of a shape they do not do.
            if (result == CublasLt.NotSupported || (_shape.IsScaled && result != CublasLt.Success)) return null;
            CudaStatus.CheckProduct(result, "choosing an algorithm for a product");
            for (var i = 0; i < count; i++)
                if (found[i].State == CublasLt.Success && (long)found[i].WorkspaceBytes <= workspaceBytes) return found[i].Algorithm;
            return null;
        }
        finally
        {
            _ = CublasLt.MatmulPreferenceDestroy(preference);
        }

        void Prefer<T>(int attribute, T value) where T : unmanaged =>
            CudaStatus.CheckProduct(CublasLt.MatmulPreferenceSetAttribute(preference, attribute, &value, (nuint)sizeof(T)), "setting up a product");
    }

    private void SetRows(int rows)
    {
        if (_columns == rows) return;
        _columns = rows;
        var columns = (ulong)rows;
        foreach (var layout in (ReadOnlySpan<nint>)[_x, _y])
            CudaStatus.CheckProduct(CublasLt.MatrixLayoutSetAttribute(layout, CublasLt.LayoutColumns, &columns, sizeof(ulong)), "setting up a product");
    }

    /// <summary>False where cuBLASLt is older than such scales.</summary>
    private bool TrySetScales(ulong a, ulong b)
    {
        var mode = CublasLt.ScaleOuterVector32F;
        return CublasLt.MatmulDescSetAttribute(_desc, CublasLt.DescAScaleMode, &mode, sizeof(int)) == CublasLt.Success
            && CublasLt.MatmulDescSetAttribute(_desc, CublasLt.DescBScaleMode, &mode, sizeof(int)) == CublasLt.Success
            && CublasLt.MatmulDescSetAttribute(_desc, CublasLt.DescAScalePointer, &a, sizeof(ulong)) == CublasLt.Success
            && CublasLt.MatmulDescSetAttribute(_desc, CublasLt.DescBScalePointer, &b, sizeof(ulong)) == CublasLt.Success;
    }

    private void Set(int attribute, int value) => CudaStatus.CheckProduct(CublasLt.MatmulDescSetAttribute(_desc, attribute, &value, sizeof(int)), "setting up a product");

    private static nint Layout(DeviceNumber number, ulong rows, ulong columns) => Make(layout => CublasLt.MatrixLayoutCreate((nint*)layout, (int)number, rows, columns, (long)rows));

    /// <summary>The largest power of two that divides a row's bytes, at most what cuBLASLt asks for.</summary>
    private static uint Alignment(int columns, DeviceNumber number) => Math.Min(256, 1u << BitOperations.TrailingZeroCount((uint)columns * (uint)GemmShape.BytesOf(number)));

    private static nint Make(Func<nint, int> make)
    {
        nint made;
        CudaStatus.CheckProduct(make((nint)(&made)), "setting up a product");
        return made;
    }
}
