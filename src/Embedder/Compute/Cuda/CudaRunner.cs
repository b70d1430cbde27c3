using Recs.Embedder.Batching;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Weights on the devices: each device takes a micro-batch, and when it is done the next. Calls wait for one another.</summary>
internal sealed class CudaRunner : IEmbeddingRunner
{
    private readonly CudaLane[] _lanes;
    private readonly WorkerTeam _team;

    /// <param name="model">With weights on the devices.</param>
    /// <param name="readout">What becomes of hidden states.</param>
    /// <param name="backend">The devices.</param>
    public CudaRunner(Llama4Model model, Readout readout, CudaBackend backend)
    {
        _lanes = [.. Enumerable.Range(0, backend.Devices).Select(device => new CudaLane(model, readout, backend.NewCompute(device), backend.Tuning))];
        _team = new WorkerTeam(_lanes.Length);
    }

    public int TokensAtATime => 1 << 16;

    public int BatchesAtOnce => _lanes.Length;

    public void Run(IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, Action<double>? share, CancellationToken cancel)
    {
        // A team of one does not make its callers wait for one another.
        lock (_team) _team.Run(new BatchesJob(_lanes, batches, done, cancel), batches.Count);
    }

    public void Dispose()
    {
        foreach (var lane in _lanes) lane.Dispose();
        _team.Dispose();
    }

    private sealed class BatchesJob(CudaLane[] lanes, IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, CancellationToken cancel) : TeamJob
    {
        public override void Run(int worker, int piece) => done(piece, lanes[worker].Embed(batches[piece], cancel));
    }
}
