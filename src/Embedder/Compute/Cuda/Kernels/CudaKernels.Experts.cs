namespace Recs.Embedder.Compute.Cuda.Kernels;

// t tokens in the batch's order, r rows in the order of experts, e experts, i inner width

/// <content>Mixture of experts: choose, sort, bring rows into the order of experts, multiply, bring them back.</content>
internal sealed unsafe partial class CudaKernels
{
    /// <summary>Outputs a block of expert_stream: one tile of the matrix units.</summary>
    private const int StreamOutputs = 16;

    private const int StreamThreads = 128;

    private const int RouteThreads = 128;

    /// <summary>The expert with the largest logit, the lowest among equals, and the sigmoid of that logit. route.cu</summary>
    /// <param name="logits_te">float32</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="experts">Logits a row.</param>
    /// <param name="experts_t">int32</param>
    /// <param name="scores_t">float32</param>
    public void Route(DevicePointer logits_te, int rows, int experts, DevicePointer experts_t, DevicePointer scores_t)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &experts_t, &scores_t, &logits_te, &rows, &experts };
        launcher.Launch("route", new LaunchShape(CeilingOf(rows, RouteThreads / Warp), 1, 1, RouteThreads, 0), arguments);
    }

    /// <summary>Tokens sorted by expert, within one in their own order, as <see cref="Routing.Sort"/> does it. With no rows all starts are 0. sort_experts.cu</summary>
    /// <param name="experts_t">int32</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="experts">How many there are.</param>
    /// <param name="starts">int32 [experts + 1]: the first of each expert's rows, then the number of rows.</param>
    /// <param name="order_r">int32: each row's token.</param>
    public void SortExperts(DevicePointer experts_t, int rows, int experts, DevicePointer starts, DevicePointer order_r)
    {
        var threads = Math.Clamp(Warps(rows) * Warp, Warp, 1024);
        void** arguments = stackalloc void*[] { &starts, &order_r, &experts_t, &rows, &experts };
        launcher.Launch("sort_experts", new LaunchShape(experts, 1, 1, threads, threads / Warp * 2 * sizeof(int)), arguments);
    }

    /// <summary>y[r] = x[order[r]] · scores[order[r]], numbers. gather.cu</summary>
    public void Gather(DevicePointer x_td, DevicePointer order_r, DevicePointer scores_t, int rows, int columns, DevicePointer y_rd)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &y_rd, &x_td, &order_r, &scores_t, &columns };
        Launch("gather", new LaunchShape(rows, 1, 1, RowThreads(columns, ElementThreads), 0), arguments);
    }

    /// <summary>y[order[r]] += x[r], numbers; the tokens of a launch differ. scatter_add.cu</summary>
    public void ScatterAdd(DevicePointer x_rd, DevicePointer order_r, int rows, int columns, DevicePointer y_td)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &y_td, &x_rd, &order_r, &columns };
        Launch("scatter_add", new LaunchShape(rows, 1, 1, RowThreads(columns, ElementThreads), 0), arguments);
    }

    /// <summary>a = silu(gate) · up, numbers; a row of x is gate then up. swiglu.cu</summary>
    public void SwiGlu(DevicePointer gateUp_tf, int rows, int width, DevicePointer a_ti)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &a_ti, &gateUp_tf, &width };
        Launch("swiglu", new LaunchShape(rows, 1, 1, RowThreads(width, ElementThreads), 0), arguments);
    }

    /// <summary>
    /// Numbers to e4m3 with a float32 scale a row, by the rule of <see cref="Fp8Rounding"/>, bit for bit on the same input. With an order, row r is
    /// x[order[r]] · scores[order[r]], multiplied in float32. quantize_rows.cu
    /// </summary>
    /// <param name="x_td">numbers</param>
    /// <param name="order_r">int32, or none: row r is x[r].</param>
    /// <param name="scores_t">float32, or none: with an order, not multiplied.</param>
    /// <param name="rows">Rows made.</param>
    /// <param name="columns">Numbers a row.</param>
    /// <param name="y_rd">e4m3</param>
    /// <param name="scales_r">float32</param>
    public void QuantizeRows(DevicePointer x_td, DevicePointer order_r, DevicePointer scores_t, int rows, int columns, DevicePointer y_rd, DevicePointer scales_r)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &y_rd, &scales_r, &x_td, &order_r, &scores_t, &columns };
        Launch("quantize_rows", Rows(rows, columns), arguments);
    }

    /// <summary>
    /// y[r, n] = Σ x[r, k] · w[e][n, k] for the rows of each expert, numbers; for few rows an expert. The counts are read on the device, and an
    /// expert without rows costs nothing. expert_stream.cu
    /// </summary>
    /// <param name="x_rk">Row 0 of the batch, in the order of experts.</param>
    /// <param name="weights_e">Device table of each expert's address of [n, k].</param>
    /// <param name="starts">int32, first row of this launch's first expert (of <see cref="SortExperts"/>'s result, moved to it).</param>
    /// <param name="experts">Experts of this launch.</param>
    /// <param name="outputs">n</param>
    /// <param name="inputs">k</param>
    /// <param name="y_rn">Row 0 of the batch.</param>
    public void ExpertStream(DevicePointer x_rk, DevicePointer weights_e, DevicePointer starts, int experts, int outputs, int inputs, DevicePointer y_rn)
    {
        if (experts == 0) return;
        void** arguments = stackalloc void*[] { &y_rn, &x_rk, &weights_e, &starts, &outputs, &inputs };
        Launch("expert_stream", Stream(experts, outputs), arguments);
    }

    /// <summary>
    /// As <see cref="ExpertStream"/> with both factors e4m3: y = Σ x · w · scale of the row · scale of the output, in that order. expert_stream.cu
    /// </summary>
    /// <param name="x_rk">e4m3</param>
    /// <param name="xScales_r">float32</param>
    /// <param name="weights_e">Device table of each expert's address of e4m3 [n, k].</param>
    /// <param name="scales_e">Device table of each expert's address of float32 [n].</param>
    /// <param name="starts">As there.</param>
    /// <param name="experts">Experts of this launch.</param>
    /// <param name="outputs">n</param>
    /// <param name="inputs">k</param>
    /// <param name="y_rn">numbers</param>
    public void ExpertStreamFp8(DevicePointer x_rk, DevicePointer xScales_r, DevicePointer weights_e, DevicePointer scales_e, DevicePointer starts, int experts, int outputs, int inputs, DevicePointer y_rn)
    {
        if (experts == 0) return;
        void** arguments = stackalloc void*[] { &y_rn, &x_rk, &xScales_r, &weights_e, &scales_e, &starts, &outputs, &inputs };
        Launch("expert_stream_fp8", Stream(experts, outputs), arguments);
    }

    /// <summary>Experts are the second dimension; the warps of a block share k, so their sums (4 token tiles of 128 numbers) meet in shared memory.</summary>
    private static LaunchShape Stream(int experts, int outputs) =>
        new(CeilingOf(outputs, StreamOutputs), experts, 1, StreamThreads, StreamThreads / Warp * 4 * 128 * sizeof(float));
}
