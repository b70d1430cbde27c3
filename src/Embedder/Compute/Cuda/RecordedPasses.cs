using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// Launches of short passes, recorded by shape as CUDA graphs: a shape that comes up a second time is recorded, and from then on started as
/// one. What is recorded is what would have been launched, so the bits are the same. One caller at a time.
/// </summary>
internal sealed unsafe class RecordedPasses(CudaCompute compute, CudaTuning tuning) : IDisposable
{
    private readonly Dictionary<int, List<Shape>> _shapes = [];
    private int _count;
    private int _moves;

    /// <summary>Runs what <paramref name="launch"/> launches for this batch, one way or the other.</summary>
    /// <param name="batch">Its sequences' lengths are the shape.</param>
    /// <param name="routes">Written by the launches.</param>
    /// <param name="launch">Launches, and neither waits nor allocates once it has run for the shape.</param>
    public void Run(PackedBatch batch, RouteLog routes, Action launch)
    {
        if (batch.Tokens > tuning.GraphTokens)
        {
            launch();
            return;
        }
        if (_moves != compute.Arena.Moves || _count >= tuning.Graphs) Forget();
        if (Find(batch) is not { } shape)
        {
            launch();
            // Buffers may have moved while they grew: what is recorded from now on is good.
            if (_moves != compute.Arena.Moves) Forget();
            Remember(batch);
            return;
        }
        if (shape.Graph == 0) Record(shape, routes, launch);
        routes.Replayed(shape.Layers);
        compute.Stream.Device.MakeCurrent();
        CudaStatus.Check(Libcuda.GraphLaunch(shape.Graph, compute.Stream.Handle), "starting a recorded pass");
    }

    public void Dispose() => Forget();

    private void Record(Shape shape, RouteLog routes, Action launch)
    {
        var stream = compute.Stream;
        stream.Device.MakeCurrent();
        CudaStatus.Check(Libcuda.StreamBeginCapture(stream.Handle, Libcuda.CaptureThreadLocal), "recording a pass");
        nint graph = 0;
        var isRecorded = false;
        try
        {
            launch();
            isRecorded = true;
        }
        finally
        {
            var ended = Libcuda.StreamEndCapture(stream.Handle, &graph);
            if (isRecorded) CudaStatus.Check(ended, "recording a pass");
            else if (graph != 0) _ = Libcuda.GraphDestroy(graph);
        }
        nint executable;
        var made = Libcuda.GraphInstantiate(&executable, graph, 0);
        _ = Libcuda.GraphDestroy(graph);
        CudaStatus.Check(made, "making a recorded pass ready");
        (shape.Graph, shape.Layers) = (executable, routes.Layers);
    }

    private Shape? Find(PackedBatch batch)
    {
        if (!_shapes.TryGetValue(HashOf(batch), out var alike)) return null;
        foreach (var shape in alike)
            if (batch.Starts.SequenceEqual(shape.Starts)) return shape;
        return null;
    }

    private void Remember(PackedBatch batch)
    {
        var hash = HashOf(batch);
        if (!_shapes.TryGetValue(hash, out var alike)) _shapes[hash] = alike = [];
        alike.Add(new Shape(batch.Starts.ToArray()));
        _count++;
    }

    private void Forget()
    {
        compute.Stream.Device.MakeCurrent();
        foreach (var shape in _shapes.Values.SelectMany(alike => alike))
            if (shape.Graph != 0) _ = Libcuda.GraphExecDestroy(shape.Graph);
        _shapes.Clear();
        (_count, _moves) = (0, compute.Arena.Moves);
    }

    private static int HashOf(PackedBatch batch)
    {
        var hash = new HashCode();
        foreach (var start in batch.Starts) hash.Add(start);
        return hash.ToHashCode();
    }

    private sealed class Shape(int[] starts)
    {
        public int[] Starts => starts;

        /// <summary>CUgraphExec, or 0 until the shape comes up again.</summary>
        public nint Graph { get; set; }

        /// <summary>Layers of routes that it writes.</summary>
        public int Layers { get; set; }
    }
}
