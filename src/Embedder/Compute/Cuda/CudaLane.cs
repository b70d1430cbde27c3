using Recs.Embedder.Batching;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// One micro-batch at a time on one device, from ids to embeddings. Up to the last layer nothing is waited for where the batch is short enough;
/// which experts were chosen is asked for when all are. One caller at a time.
/// </summary>
internal sealed class CudaLane : IDisposable
{
    private readonly Readout _readout;
    private readonly Llama4Model _model;
    private readonly CudaCompute _compute;
    private readonly TokenState[] _flight;
    private readonly ForwardPass _pass;
    private readonly RouteLog _routes;
    private readonly RecordedPasses _recorded;

    /// <param name="model">With weights on the device.</param>
    /// <param name="readout">What becomes of hidden states.</param>
    /// <param name="compute">The device.</param>
    /// <param name="tuning">When passes are recorded.</param>
    public CudaLane(Llama4Model model, Readout readout, CudaCompute compute, CudaTuning tuning)
    {
        (_model, _readout, _compute) = (model, readout, compute);
        _flight = [new TokenState(_compute, model.Config)];
        _pass = new ForwardPass(model, [new Lane(_compute, model.Config)], WorkerTeam.Alone);
        _routes = new RouteLog(_compute.Arena, model.Config.Layers.Count(layer => layer.HasExperts));
        _recorded = new RecordedPasses(_compute, tuning);
    }

    public void Dispose() => _recorded.Dispose();

    public TextEmbedding[] Embed(int[][] sequences, CancellationToken cancel)
    {
        var state = _flight[0];
        _readout.Begin(state, sequences);
        var observer = state.Observer;
        if (_compute.RunsUnseen(state.Batch.Tokens, _model.Config.Experts))
        {
            state.Observer = null;
            RunUnseen(state, cancel);
            if (observer is not null) Tell(observer, state);
            state.Observer = observer;
        }
        else
        {
            _pass.Run(_flight, _readout.HiddenState, cancel: cancel);
        }
        return _readout.Finish(_compute, state);
    }

    private void RunUnseen(TokenState state, CancellationToken cancel)
    {
        _routes.Begin(state.Batch.Tokens);
        _pass.Begin(_flight);
        _compute.Routes = _routes;
        try
        {
            _recorded.Run(state.Batch, _routes, () =>
            {
                _pass.Continue(_flight, _readout.HiddenState, cancel: cancel);
                // A sum left open would be outside of what is recorded.
                _compute.Complete(state.Stream);
            });
        }
        finally
        {
            _compute.Routes = null;
        }
    }

    /// <summary>What an observer would have been told on the way.</summary>
    private void Tell(IForwardObserver observer, TokenState state)
    {
        var (tokens, at) = (state.Batch.Tokens, 0);
        if (_routes.Layers == 0) return;
        var experts = new int[_routes.Layers * tokens];
        _compute.Receive(_routes.Pointer, experts.AsSpan());
        for (var layer = 0; at < _routes.Layers; layer++)
        {
            if (!_model.Config.Layers[layer].HasExperts) continue;
            state.Routing.Fit(tokens);
            experts.AsSpan(at++ * tokens, tokens).CopyTo(state.Routing.Experts);
            observer.OnRouting(layer, state.Routing);
        }
    }
}
