using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Batching;

/// <summary>
/// Weights pass through memory: all micro-batches in flight go through a part of a layer, several at once, before the next part is taken.
/// Calls wait for one another.
/// </summary>
internal sealed class StreamingRunner : IEmbeddingRunner
{
    private readonly Llama4Model _model;
    private readonly Readout _readout;
    private readonly WorkerTeam _team;
    private readonly Lane[] _lanes;
    private readonly ForwardPass _narrow;
    private readonly ForwardPass _wide;
    private readonly List<TokenState> _states = [];
    private readonly Lock _turn = new();

    /// <param name="model">With streamed weights.</param>
    /// <param name="readout">What becomes of hidden states.</param>
    /// <param name="team">The threads; disposed with this.</param>
    /// <param name="newCompute">A backend instance over a team.</param>
    /// <param name="tokensInFlight">Tokens that memory allows in flight.</param>
    public StreamingRunner(Llama4Model model, Readout readout, WorkerTeam team, Func<WorkerTeam, ICompute> newCompute, int tokensInFlight)
    {
        (_model, _readout, _team, TokensAtATime) = (model, readout, team, tokensInFlight);
        _lanes = [.. Enumerable.Range(0, team.Size).Select(_ => new Lane(newCompute(WorkerTeam.Alone), model.Config))];
        _narrow = new ForwardPass(model, _lanes, team);
        _wide = new ForwardPass(model, [new Lane(newCompute(team), model.Config)], team);
    }

    public int TokensAtATime { get; }

    public int BatchesAtOnce => _team.Size;

    public void Run(IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, Action<double>? share, CancellationToken cancel)
    {
        if (batches.Count == 0) return;
        lock (_turn)
        {
            while (_states.Count < batches.Count) _states.Add(new TokenState(_lanes[0].Compute, _model.Config));
            for (var b = 0; b < batches.Count; b++) _readout.Begin(_states[b], batches[b]);
            // Fewer batches than threads: the threads share one batch's operations instead.
            var pass = batches.Count < _team.Size ? _wide : _narrow;
            var layers = _readout.HiddenState;
            pass.Run(_states.GetRange(0, batches.Count), layers, share is null ? null : layer => share((double)layer / layers), cancel);
            for (var b = 0; b < batches.Count; b++) done(b, _readout.Finish(_lanes[0].Compute, _states[b]));
        }
    }

    public void Dispose() => _team.Dispose();
}
