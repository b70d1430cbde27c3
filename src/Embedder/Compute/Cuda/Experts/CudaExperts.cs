namespace Recs.Embedder.Compute.Cuda;

// t tokens in the batch's order, r rows in the order of experts

/// <summary>
/// The routed experts of one compute instance: rows into the order of experts, through them on the devices that have them, and back. Which way is
/// taken through an expert depends on the tokens of the micro-batch alone, not on where the weights are. One caller at a time.
/// </summary>
/// <param name="workers">One a device; the first is where everything else is computed.</param>
/// <param name="exchange">Between the first and the others.</param>
/// <param name="tuning">When experts are products.</param>
internal sealed class CudaExperts(IReadOnlyList<ExpertWorker> workers, IExpertExchange exchange, CudaTuning tuning)
{
    private ExpertWorker Home => workers[0];

    /// <summary>Whether a micro-batch of so many tokens needs no counts on the host where all experts are in one group.</summary>
    public bool RunsUnseen(int tokens, int experts) => workers.Count == 1 && IsStreamed(tokens, experts);

    /// <summary>y[t] += expert of x[t] · score, numbers, for the tokens whose expert is one of <paramref name="experts"/>.</summary>
    public void Add(CudaTensor x_td, Routing routing, DeviceRouting on, int firstExpert, ReadOnlySpan<ExpertWeights> experts, CudaTensor y_td)
    {
        var (gateUp, down) = ((CudaMatrix)experts[0].GateUp_fd, (CudaMatrix)experts[0].Down_di);
        var (isFp8, hidden) = (gateUp.Number == DeviceNumber.E4M3, x_td.Columns);
        var isStreamed = IsStreamed(routing.Tokens, routing.ExpertCount) || (isFp8 && !(Home.Products.HasFp8(gateUp) && Home.Products.HasFp8(down)));
        // A whole layer's experts have all rows; else the host must know where this group's are.
        var isUnseen = isStreamed && workers.Count == 1 && experts.Length == routing.ExpertCount;
        var (first, rows) = isUnseen ? (0, routing.Tokens) : RowsOf(routing, firstExpert, experts.Length);
        if (rows == 0) return;
        foreach (var worker in workers) worker.Reserve(routing.Tokens, hidden, gateUp.Outputs, down.Inputs, routing.ExpertCount);
        Home.Gather(x_td, on, first, rows, isFp8);
        var starts = on.Starts.Plus((long)firstExpert * sizeof(int));
        if (workers.Count > 1) RunShared(routing, on, firstExpert, experts, hidden, isFp8, isStreamed);
        else if (isStreamed) Home.RunStreamed(experts, starts, first, rows, hidden);
        else RunEach(Home, routing, firstExpert, experts, hidden);
        Home.Kernels.ScatterAdd(Home.Y_rd.Plus((long)first * hidden * Home.Kernels.NumberBytes), on.Order.Plus((long)first * sizeof(int)), rows, hidden, y_td.Pointer);
    }

    /// <summary>Each expert on the device that has it: number modulo the devices.</summary>
    private void RunShared(Routing routing, DeviceRouting on, int firstExpert, ReadOnlySpan<ExpertWeights> experts, int hidden, bool isFp8, bool isStreamed)
    {
        var (xBytes, yBytes) = (isFp8 ? 1 : Home.Kernels.NumberBytes, Home.Kernels.NumberBytes);
        for (var w = workers.Count - 1; w >= 0; w--)
        {
            var worker = workers[w];
            if (w > 0) exchange.Open(Home, worker);
            if (w > 0 && isStreamed) exchange.Send(Home, on.Starts, worker, worker.Starts, (routing.ExpertCount + 1) * sizeof(int));
            for (var e = 0; e < experts.Length; e++)
            {
                var (first, rows) = routing.RowsOf(firstExpert + e);
                if (rows == 0 || !ReferenceEquals(((CudaMatrix)experts[e].GateUp_fd).Device, worker.Stream.Device)) continue;
                if (w > 0)
                {
                    exchange.Send(Home, Home.X_rd.Plus((long)first * hidden * xBytes), worker, worker.X_rd.Plus((long)first * hidden * xBytes), (long)rows * hidden * xBytes);
                    if (isFp8) exchange.Send(Home, Home.XScales_r.Plus((long)first * sizeof(float)), worker, worker.XScales_r.Plus((long)first * sizeof(float)), (long)rows * sizeof(float));
                }
                var starts = (w > 0 ? worker.Starts : on.Starts).Plus((long)(firstExpert + e) * sizeof(int));
                if (isStreamed) worker.RunStreamed(experts.Slice(e, 1), starts, first, rows, hidden);
                else worker.RunProducts(experts[e], first, rows, hidden);
                if (w > 0) exchange.Return(worker, worker.Y_rd.Plus((long)first * hidden * yBytes), Home, Home.Y_rd.Plus((long)first * hidden * yBytes), (long)rows * hidden * yBytes);
            }
        }
        for (var w = 1; w < workers.Count; w++) exchange.Close(workers[w], Home);
    }

    private static void RunEach(ExpertWorker worker, Routing routing, int firstExpert, ReadOnlySpan<ExpertWeights> experts, int hidden)
    {
        for (var e = 0; e < experts.Length; e++)
        {
            var (first, rows) = routing.RowsOf(firstExpert + e);
            worker.RunProducts(experts[e], first, rows, hidden);
        }
    }

    private bool IsStreamed(int tokens, int experts) => tokens <= (long)tuning.StreamTokens * experts;

    private static (int First, int Rows) RowsOf(Routing routing, int firstExpert, int experts)
    {
        var (first, _) = routing.RowsOf(firstExpert);
        var (last, rows) = routing.RowsOf(firstExpert + experts - 1);
        return (first, last + rows - first);
    }
}
