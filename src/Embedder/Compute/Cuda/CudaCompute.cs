using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// A GPU, its first, and what routed experts others have: products by cuBLASLt, the rest by our kernels, all in one stream. What a product reads and writes is a number of the precision;
/// the residual stream and router logits are float32. Nothing waits for the device but what is read on the host.
/// </summary>
internal sealed unsafe class CudaCompute : ICompute, IRoutingSource, IDisposable
{
    private readonly CudaStream _stream;
    private readonly CudaKernels _kernels;
    private readonly CudaArena _arena;
    private readonly CudaProducts _products;
    private readonly CudaExperts _experts;
    private readonly List<IDisposable> _owned = [];
    private readonly HostRows _host;
    private readonly PositionTables _tables;
    private readonly Dictionary<PackedBatch, DeviceBatch> _batches = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Routing, DeviceRouting> _routings = new(ReferenceEqualityComparer.Instance);

    /// <param name="gpus">The first is where everything is computed but routed experts of the others.</param>
    /// <param name="precision">What a number is.</param>
    /// <param name="tuning">Between two ways.</param>
    public CudaCompute(IReadOnlyList<CudaGpu> gpus, Precision precision, CudaTuning tuning)
    {
        var lanes = gpus.Select(gpu => gpu.NewLane(precision)).ToList();
        foreach (var lane in lanes) _owned.AddRange([lane.Products, lane.Arena, lane.Stream]);
        (_stream, _arena, _kernels, _products) = lanes[0];
        List<ExpertWorker> workers = lanes.ConvertAll(lane => new ExpertWorker(lane.Stream, lane.Kernels, lane.Products, lane.Arena));
        _experts = new CudaExperts(workers, new PeerExchange(workers, [.. lanes.Select(lane => lane.Arena)]), tuning);
        (_host, _tables) = (new HostRows(_stream, _arena), new PositionTables(_stream, _arena));
    }

    public CudaStream Stream => _stream;

    public CudaArena Arena => _arena;

    /// <summary>Takes down every choice of experts on the device, or null: the caller asks for them when the pass is over.</summary>
    public RouteLog? Routes { get; set; }

    /// <summary>Whether a resident micro-batch of so many tokens runs without the host looking at anything.</summary>
    public bool RunsUnseen(int tokens, int experts) => experts == 0 || _experts.RunsUnseen(tokens, experts);

    public Tensor Allocate(int columns) => new CudaTensor(_arena, columns);

    public void Embed(EmbeddingTable table, PackedBatch batch, Tensor x_td)
    {
        var x = ((CudaTensor)x_td).Fit(batch.Tokens, NumberFormat.Float32);
        x.Due = null;
        if (!_batches.TryGetValue(batch, out var on)) _batches[batch] = on = new DeviceBatch(_arena);
        on.Send(batch, _stream);
        _host.Send(((CudaEmbeddingTable)table).Host, batch.Ids, x.Pointer);
    }

    public void RmsNorm(Tensor x_td, Vector gain_d, float epsilon, Tensor y_td, bool isResult = false)
    {
        var (x, gain) = ((CudaTensor)x_td, ReplicatedVector.On(_stream.Device, gain_d));
        var y = ((CudaTensor)y_td).Fit(x.Rows, isResult ? NumberFormat.Float32 : _kernels.Format);
        if (x.Due is { } branch && y.Format == _kernels.Format)
        {
            x.Due = null;
            _kernels.AddRmsNorm(x.Pointer, branch.Pointer, gain, epsilon, x.Rows, x.Columns, y.Pointer);
            return;
        }
        AddDue(x);
        if (isResult) _kernels.RmsNormToFloat32(x.Pointer, gain, epsilon, x.Rows, x.Columns, y.Pointer);
        else _kernels.RmsNorm(x.Pointer, gain, epsilon, x.Rows, x.Columns, y.Pointer);
    }

    public void Linear(Tensor x_tk, Matrix w_nk, Tensor y_tn)
    {
        var x = (CudaTensor)x_tk;
        _products.Multiply(x.Pointer, x.Rows, ReplicatedMatrix.On(_stream.Device, w_nk), ((CudaTensor)y_tn).Fit(x.Rows, _kernels.Format).Pointer);
    }

    public void PrepareQueriesAndKeys(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, QueryKeyStep step)
    {
        var cosSin = step.Rope is { } rope ? _tables.Rotation(rope) : DevicePointer.None;
        var factors = step.Temperature is { } tuning ? _tables.Temperature(tuning, batch.LongestSequence) : DevicePointer.None;
        _kernels.PrepareQueriesAndKeys(((CudaTensor)qkv_tc).Pointer, shape, _batches[batch].Positions, batch.Tokens, cosSin, step.NormEpsilon, factors);
    }

    public void Attention(Tensor qkv_tc, AttentionShape shape, PackedBatch batch, int? chunk, Tensor y_tq)
    {
        var (on, y) = (_batches[batch], ((CudaTensor)y_tq).Fit(batch.Tokens, _kernels.Format));
        _kernels.Attention(((CudaTensor)qkv_tc).Pointer, shape, on.Tiles, on.TileCount, chunk, y.Pointer);
    }

    public void Route(Tensor x_td, Matrix router_ed, Tensor logits_te, Routing routing)
    {
        var (x, rows) = ((CudaTensor)x_td, x_td.Rows);
        var logits = ((CudaTensor)logits_te).Fit(rows, NumberFormat.Float32);
        _products.MultiplyToFloat32(x.Pointer, rows, ReplicatedMatrix.On(_stream.Device, router_ed), logits.Pointer);
        if (!_routings.TryGetValue(routing, out var on)) _routings[routing] = on = new DeviceRouting(_arena, logits.Columns);
        on.Fit(rows);
        _kernels.Route(logits.Pointer, rows, logits.Columns, on.Experts, on.Scores);
        _kernels.SortExperts(on.Experts, rows, logits.Columns, on.Starts, on.Order);
        routing.Fit(rows, this);
        Routes?.Add(_stream, on.Experts, rows);
    }

    public void Fetch(Routing routing) => _host.Receive(_routings[routing].Experts, routing.Experts);

    public void AddExperts(Tensor x_td, Routing routing, int firstExpert, ReadOnlySpan<ExpertWeights> experts, Tensor y_td) =>
        _experts.Add((CudaTensor)x_td, routing, _routings[routing], firstExpert, experts, (CudaTensor)y_td);

    public void SwiGlu(Tensor gateUp_tf, Tensor a_ti)
    {
        var gateUp = (CudaTensor)gateUp_tf;
        _kernels.SwiGlu(gateUp.Pointer, gateUp.Rows, a_ti.Columns, ((CudaTensor)a_ti).Fit(gateUp.Rows, _kernels.Format).Pointer);
    }

    /// <summary>Noted, and done by the norm that follows: the stream is read and written once less.</summary>
    public void Add(Tensor x_td, Tensor y_td)
    {
        var x = (CudaTensor)x_td;
        AddDue(x);
        x.Due = (CudaTensor)y_td;
    }

    public void Pool(Tensor x_td, PackedBatch batch, Pooling pooling, PooledRange range, Span<float> to_sd)
    {
        var (x, starts) = ((CudaTensor)x_td, _batches[batch].Starts);
        AddDue(x);
        var y_sd = _host.Room(to_sd.Length);
        if (x.Format == NumberFormat.Float32) _kernels.PoolFloat32(x.Pointer, starts, batch.Sequences, range, pooling, x.Columns, y_sd);
        else _kernels.Pool(x.Pointer, starts, batch.Sequences, range, pooling, x.Columns, y_sd);
        _host.Receive(y_sd, to_sd);
    }

    public void Download(Tensor x_td, Span<float> to)
    {
        var x = (CudaTensor)x_td;
        AddDue(x);
        if (x.Format != NumberFormat.Float32) throw new InvalidOperationException("only float32 rows are looked at: the residual stream and results");
        _host.Receive(x.Pointer, to);
    }

    /// <summary>Of a routing in a <see cref="RouteLog"/>.</summary>
    public void Receive(DevicePointer from, Span<int> to) => _host.Receive(from, to);

    public void Dispose()
    {
        foreach (var one in _owned) one.Dispose();
    }

    /// <summary>Does what was noted of these rows.</summary>
    public void Complete(Tensor x_td) => AddDue((CudaTensor)x_td);

    private void AddDue(CudaTensor x)
    {
        if (x.Due is not { } branch) return;
        x.Due = null;
        _kernels.Add(x.Pointer, branch.Pointer, (long)x.Rows * x.Columns);
    }
}
