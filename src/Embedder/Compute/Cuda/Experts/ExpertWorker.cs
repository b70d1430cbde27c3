using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

// r rows in the order of experts, d hidden, f gate | up columns, i expert width

/// <summary>One device's part of the routed experts: its stream and the rows inside experts. One caller at a time.</summary>
internal sealed class ExpertWorker(CudaStream stream, CudaKernels kernels, CudaProducts products, CudaArena arena)
{
    private readonly DeviceBuffer _x_rd = arena.NewBuffer("rows of experts");
    private readonly DeviceBuffer _xScales_r = arena.NewBuffer("scales of experts' rows");
    private readonly DeviceBuffer _gateUp_rf = arena.NewBuffer("rows inside experts");
    private readonly DeviceBuffer _a_ri = arena.NewBuffer("rows inside experts");
    private readonly DeviceBuffer _y_rd = arena.NewBuffer("results of experts");
    private readonly DeviceBuffer _starts = arena.NewBuffer("experts' first rows");

    public CudaStream Stream => stream;

    public CudaKernels Kernels => kernels;

    public CudaProducts Products => products;

    /// <summary>Numbers, or E4M3; row 0 of the batch.</summary>
    public DevicePointer X_rd => _x_rd.Pointer;

    /// <summary>float32, for E4M3.</summary>
    public DevicePointer XScales_r => _xScales_r.Pointer;

    /// <summary>Numbers.</summary>
    public DevicePointer Y_rd => _y_rd.Pointer;

    /// <summary>int32 [experts + 1], on a device that did not sort.</summary>
    public DevicePointer Starts => _starts.Pointer;

    /// <summary>Makes room for all tokens of a batch.</summary>
    public void Reserve(int tokens, int hidden, int gateUp, int inner, int experts)
    {
        arena.Reserve(_x_rd, (long)tokens * hidden * kernels.NumberBytes);
        arena.Reserve(_xScales_r, (long)tokens * sizeof(float));
        arena.Reserve(_gateUp_rf, (long)tokens * gateUp * kernels.NumberBytes);
        arena.Reserve(_a_ri, (long)tokens * inner * kernels.NumberBytes);
        arena.Reserve(_y_rd, (long)tokens * hidden * kernels.NumberBytes);
        arena.Reserve(_starts, (experts + 1) * sizeof(int));
    }

    /// <summary>Rows of x to the order of experts, times their scores; rounded to FP8 where the experts are.</summary>
    /// <param name="x_td">The batch's rows.</param>
    /// <param name="on">Order and scores.</param>
    /// <param name="first">The first of the rows that are wanted.</param>
    /// <param name="rows">How many.</param>
    /// <param name="isFp8">Whether the experts are FP8.</param>
    public void Gather(CudaTensor x_td, DeviceRouting on, int first, int rows, bool isFp8)
    {
        var (order_r, hidden) = (on.Order.Plus((long)first * sizeof(int)), x_td.Columns);
        if (isFp8) kernels.QuantizeRows(x_td.Pointer, order_r, on.Scores, rows, hidden, X_rd.Plus((long)first * hidden), XScales_r.Plus((long)first * sizeof(float)));
        else kernels.Gather(x_td.Pointer, order_r, on.Scores, rows, hidden, At(_x_rd, first, hidden));
    }

    /// <summary>Gathered rows through neighbouring experts, whose counts only the device knows.</summary>
    /// <param name="experts">All of this device's, in order; <paramref name="starts"/> is the first one's.</param>
    /// <param name="starts">int32: each expert's first row, and the end of the last one's.</param>
    /// <param name="first">The first row of all.</param>
    /// <param name="rows">Rows of all.</param>
    /// <param name="hidden">d</param>
    public void RunStreamed(ReadOnlySpan<ExpertWeights> experts, DevicePointer starts, int first, int rows, int hidden)
    {
        var (gateUp, down) = ((CudaMatrix)experts[0].GateUp_fd, (CudaMatrix)experts[0].Down_di);
        var (f, i, count) = (gateUp.Outputs, down.Inputs, experts.Length);
        Use(experts);
        var group = count == 1 ? null : gateUp.Group ??= new ExpertTable(stream.Device, experts, stream);
        var (gateUps, downs) = (group?.GateUp ?? gateUp.NumbersTable, group?.Down ?? down.NumbersTable);
        if (gateUp.Number != DeviceNumber.E4M3)
        {
            kernels.ExpertStream(X_rd, gateUps, starts, count, f, hidden, _gateUp_rf.Pointer);
            kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
            kernels.ExpertStream(_a_ri.Pointer, downs, starts, count, hidden, i, Y_rd);
            return;
        }
        kernels.ExpertStreamFp8(X_rd, XScales_r, gateUps, group?.GateUpScales ?? gateUp.ScalesTable, starts, count, f, hidden, _gateUp_rf.Pointer);
        kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
        var (a, scales) = products.Round(At(_a_ri, first, i), rows, i);
        // Rows before the first are left out, and nobody reads them.
        kernels.ExpertStreamFp8(a.Plus(-(long)first * i), scales.Plus(-(long)first * sizeof(float)), downs, group?.DownScales ?? down.ScalesTable, starts, count, hidden, i, Y_rd);
    }

    /// <summary>Gathered rows [<paramref name="first"/>, first + <paramref name="rows"/>) through one expert, by products of cuBLASLt.</summary>
    public void RunProducts(ExpertWeights expert, int first, int rows, int hidden)
    {
        if (rows == 0) return;
        var (gateUp, down) = ((CudaMatrix)expert.GateUp_fd, (CudaMatrix)expert.Down_di);
        var (f, i) = (gateUp.Outputs, down.Inputs);
        var isFp8 = gateUp.Number == DeviceNumber.E4M3;
        if (isFp8) products.MultiplyFp8(X_rd.Plus((long)first * hidden), XScales_r.Plus((long)first * sizeof(float)), rows, gateUp, At(_gateUp_rf, first, f));
        else products.Multiply(At(_x_rd, first, hidden), rows, gateUp, At(_gateUp_rf, first, f));
        kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
        products.Multiply(At(_a_ri, first, i), rows, down, At(_y_rd, first, hidden));
    }

    private void Use(ReadOnlySpan<ExpertWeights> experts)
    {
        foreach (var expert in experts)
        {
            ((CudaMatrix)expert.GateUp_fd).Use(stream);
            ((CudaMatrix)expert.Down_di).Use(stream);
        }
    }

    private DevicePointer At(DeviceBuffer rows, int row, int columns) => rows.Pointer.Plus((long)row * columns * kernels.NumberBytes);
}
