using System.Collections.Concurrent;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Batching;

/// <summary>
/// Weights in memory: every thread takes a micro-batch through all layers by itself. A lone large batch uses all threads within its
/// operations; a lone small one is computed by its caller alone, beside those of other callers.
/// </summary>
internal sealed class ResidentRunner : IEmbeddingRunner
{
    /// <summary>Multiply-adds a text at which waiting for all threads pays.</summary>
    private const long WideWork = 1L << 28;

    private readonly WorkerTeam _team;
    private readonly Readout _readout;
    private readonly Lock _wideTurn = new();
    private readonly Slot _wide;
    private readonly ConcurrentBag<Slot> _idle = [];
    private readonly Func<Slot> _newSlot;
    private readonly long _workPerToken;

    /// <param name="model">With resident weights.</param>
    /// <param name="readout">What becomes of hidden states.</param>
    /// <param name="team">The threads; disposed with this.</param>
    /// <param name="newCompute">A backend instance over a team.</param>
    public ResidentRunner(Llama4Model model, Readout readout, WorkerTeam team, Func<WorkerTeam, ICompute> newCompute)
    {
        (_team, _readout) = (team, readout);
        _newSlot = () => new Slot(model, readout, newCompute(WorkerTeam.Alone));
        _wide = new Slot(model, readout, newCompute(team));
        _workPerToken = model.Config.ActiveWeights;
    }

    public int TokensAtATime => 1 << 16;

    public int BatchesAtOnce => _team.Size;

    public void Run(IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, Action<double>? share, CancellationToken cancel)
    {
        if (batches.Count > 1)
        {
            _team.Run(new BatchesJob(this, batches, done, cancel), batches.Count);
        }
        else if (batches.Count == 1 && _team.Size > 1 && batches[0].Sum(ids => (long)ids.Length) * _workPerToken >= WideWork)
        {
            lock (_wideTurn) done(0, _wide.Embed(batches[0], cancel));
        }
        else if (batches.Count == 1)
        {
            done(0, RunAlone(batches[0], cancel));
        }
    }

    public void Dispose() => _team.Dispose();

    private TextEmbedding[] RunAlone(int[][] batch, CancellationToken cancel)
    {
        if (!_idle.TryTake(out var slot)) slot = _newSlot();
        try
        {
            return slot.Embed(batch, cancel);
        }
        finally
        {
            _idle.Add(slot);
        }
    }

    private sealed class BatchesJob(ResidentRunner runner, IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, CancellationToken cancel) : TeamJob
    {
        public override void Run(int worker, int piece) => done(piece, runner.RunAlone(batches[piece], cancel));
    }

    /// <summary>One micro-batch at a time from ids to embeddings, with buffers of its own.</summary>
    private sealed class Slot(Llama4Model model, Readout readout, ICompute compute)
    {
        private readonly TokenState[] _flight = [new TokenState(compute, model.Config)];
        private readonly ForwardPass _pass = new(model, [new Lane(compute, model.Config)], WorkerTeam.Alone);

        public TextEmbedding[] Embed(int[][] sequences, CancellationToken cancel)
        {
            readout.Begin(_flight[0], sequences);
            _pass.Run(_flight, readout.HiddenState, cancel: cancel);
            return readout.Finish(compute, _flight[0]);
        }
    }
}
