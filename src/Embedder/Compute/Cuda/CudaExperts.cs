using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

// t tokens in the batch's order, r rows in the order of experts, d hidden, f gate | up columns, i expert width

/// <summary>
/// The routed experts of one compute instance: rows into the order of experts, through them, and back. Which of two ways is taken depends on
/// the tokens of the micro-batch alone, not on where the weights are. One caller at a time.
/// </summary>
internal sealed class CudaExperts(CudaStream stream, CudaKernels kernels, CudaProducts products, CudaArena arena, CudaTuning tuning)
{
    private readonly DeviceBuffer _x_rd = arena.NewBuffer("rows of experts");
    private readonly DeviceBuffer _gateUp_rf = arena.NewBuffer("rows inside experts");
    private readonly DeviceBuffer _a_ri = arena.NewBuffer("rows inside experts");
    private readonly DeviceBuffer _y_rd = arena.NewBuffer("results of experts");

    /// <summary>Whether a micro-batch of so many tokens needs no counts on the host where all experts are in one group.</summary>
    public bool Streams(int tokens, int experts) => tokens <= (long)tuning.StreamTokens * experts;

    /// <summary>y[t] += expert of x[t] · score, numbers, for the tokens whose expert is one of <paramref name="experts"/>.</summary>
    public void Add(CudaTensor x_td, Routing routing, DeviceRouting on, int firstExpert, ReadOnlySpan<ExpertWeights> experts, CudaTensor y_td)
    {
        var (gateUp, down) = ((CudaMatrix)experts[0].GateUp_fd, (CudaMatrix)experts[0].Down_di);
        var isFp8 = gateUp.Number == DeviceNumber.E4M3;
        var streams = Streams(routing.Tokens, routing.ExpertCount) || (isFp8 && !(products.HasFp8(gateUp) && products.HasFp8(down)));
        // A whole layer's experts have all rows; else the host must know where this group's are.
        var (first, rows) = streams && experts.Length == routing.ExpertCount ? (0, routing.Tokens) : RowsOf(routing, firstExpert, experts.Length);
        if (rows == 0) return;
        foreach (var expert in experts)
        {
            ((CudaMatrix)expert.GateUp_fd).Use(stream);
            ((CudaMatrix)expert.Down_di).Use(stream);
        }
        Reserve(routing.Tokens, x_td.Columns, gateUp.Outputs, down.Inputs);
        var order_r = on.Order.Plus((long)first * sizeof(int));
        if (streams) Stream(x_td, on, order_r, first, rows, firstExpert, experts, isFp8);
        else if (isFp8) MultiplyFp8(x_td, routing, on, firstExpert, experts);
        else Multiply(x_td, routing, on, order_r, first, rows, firstExpert, experts);
        kernels.ScatterAdd(At(_y_rd, first, y_td.Columns), order_r, rows, y_td.Columns, y_td.Pointer);
    }

    /// <summary>One launch a matrix for all experts, with the counts read on the device.</summary>
    private void Stream(CudaTensor x_td, DeviceRouting on, DevicePointer order_r, int first, int rows, int firstExpert, ReadOnlySpan<ExpertWeights> experts, bool isFp8)
    {
        var (gateUp, down) = ((CudaMatrix)experts[0].GateUp_fd, (CudaMatrix)experts[0].Down_di);
        var (hidden, f, i, count) = (x_td.Columns, gateUp.Outputs, down.Inputs, experts.Length);
        var starts = on.Starts.Plus((long)firstExpert * sizeof(int));
        var isAlone = count == 1;
        var group = isAlone ? null : gateUp.Group ??= new ExpertTable(stream.Device, experts, stream);
        var (gateUps, downs) = (group?.GateUp ?? gateUp.NumbersTable, group?.Down ?? down.NumbersTable);
        if (!isFp8)
        {
            kernels.Gather(x_td.Pointer, order_r, on.Scores, rows, hidden, At(_x_rd, first, hidden));
            kernels.ExpertStream(_x_rd.Pointer, gateUps, starts, count, f, hidden, _gateUp_rf.Pointer);
            kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
            kernels.ExpertStream(_a_ri.Pointer, downs, starts, count, hidden, i, _y_rd.Pointer);
            return;
        }
        // Rows before this group's are left out, and nobody reads them.
        var (x, scales) = products.Round(x_td.Pointer, order_r, on.Scores, rows, hidden);
        kernels.ExpertStreamFp8(Back(x, first, hidden), Back(scales, first, sizeof(float)), gateUps, group?.GateUpScales ?? gateUp.ScalesTable, starts, count, f, hidden, _gateUp_rf.Pointer);
        kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
        (x, scales) = products.Round(At(_a_ri, first, i), DevicePointer.None, DevicePointer.None, rows, i);
        kernels.ExpertStreamFp8(Back(x, first, i), Back(scales, first, sizeof(float)), downs, group?.DownScales ?? down.ScalesTable, starts, count, hidden, i, _y_rd.Pointer);
    }

    /// <summary>A product an expert.</summary>
    private void Multiply(CudaTensor x_td, Routing routing, DeviceRouting on, DevicePointer order_r, int first, int rows, int firstExpert, ReadOnlySpan<ExpertWeights> experts)
    {
        var (hidden, f, i) = (x_td.Columns, experts[0].GateUp_fd.Outputs, experts[0].Down_di.Inputs);
        kernels.Gather(x_td.Pointer, order_r, on.Scores, rows, hidden, At(_x_rd, first, hidden));
        for (var e = 0; e < experts.Length; e++)
        {
            var (from, count) = routing.RowsOf(firstExpert + e);
            products.Multiply(At(_x_rd, from, hidden), count, (CudaMatrix)experts[e].GateUp_fd, At(_gateUp_rf, from, f));
        }
        kernels.SwiGlu(At(_gateUp_rf, first, f), rows, i, At(_a_ri, first, i));
        for (var e = 0; e < experts.Length; e++)
        {
            var (from, count) = routing.RowsOf(firstExpert + e);
            products.Multiply(At(_a_ri, from, i), count, (CudaMatrix)experts[e].Down_di, At(_y_rd, from, hidden));
        }
    }

    private void MultiplyFp8(CudaTensor x_td, Routing routing, DeviceRouting on, int firstExpert, ReadOnlySpan<ExpertWeights> experts)
    {
        var (hidden, f, i) = (x_td.Columns, experts[0].GateUp_fd.Outputs, experts[0].Down_di.Inputs);
        for (var e = 0; e < experts.Length; e++)
        {
            var (from, count) = routing.RowsOf(firstExpert + e);
            if (count == 0) continue;
            var (x, scales) = products.Round(x_td.Pointer, on.Order.Plus((long)from * sizeof(int)), on.Scores, count, hidden);
            products.MultiplyFp8(x, scales, count, (CudaMatrix)experts[e].GateUp_fd, At(_gateUp_rf, from, f));
            kernels.SwiGlu(At(_gateUp_rf, from, f), count, i, At(_a_ri, from, i));
            (x, scales) = products.Round(At(_a_ri, from, i), DevicePointer.None, DevicePointer.None, count, i);
            products.MultiplyFp8(x, scales, count, (CudaMatrix)experts[e].Down_di, At(_y_rd, from, hidden));
        }
    }

    private void Reserve(int tokens, int hidden, int gateUp, int inner)
    {
        arena.Reserve(_x_rd, (long)tokens * hidden * kernels.NumberBytes);
        arena.Reserve(_gateUp_rf, (long)tokens * gateUp * kernels.NumberBytes);
        arena.Reserve(_a_ri, (long)tokens * inner * kernels.NumberBytes);
        arena.Reserve(_y_rd, (long)tokens * hidden * kernels.NumberBytes);
    }

    private static (int First, int Rows) RowsOf(Routing routing, int firstExpert, int experts)
    {
        var (first, _) = routing.RowsOf(firstExpert);
        var (last, rows) = routing.RowsOf(firstExpert + experts - 1);
        return (first, last + rows - first);
    }

    private DevicePointer At(DeviceBuffer rows, int row, int columns) => rows.Pointer.Plus((long)row * columns * kernels.NumberBytes);

    /// <summary>Where row 0 would be of rows that begin with number <paramref name="first"/>.</summary>
    private static DevicePointer Back(DevicePointer rows, int first, int bytes) => rows.Plus(-(long)first * bytes);
}
