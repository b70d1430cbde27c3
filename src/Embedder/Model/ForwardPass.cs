using Recs.Embedder.Threading;

namespace Recs.Embedder.Model;

/// <summary>
/// Runs micro-batches through the model, layer-major: a weight part is acquired, every micro-batch in flight runs through it, it is released.
/// A micro-batch's result does not depend on the others. One run at a time; allocates nothing once its buffers have grown.
/// </summary>
internal sealed class ForwardPass
{
    private readonly Llama4Model _model;
    private readonly Lane[] _lanes;
    private readonly WorkerTeam _team;
    private readonly Step _step;
    private readonly bool[] _isUsed;

    /// <param name="model">The weights.</param>
    /// <param name="lanes">One for each micro-batch computed at once.</param>
    /// <param name="team">As many workers as lanes, or any number with one lane, which then uses them within its operations.</param>
    public ForwardPass(Llama4Model model, Lane[] lanes, WorkerTeam team)
    {
        (_model, _lanes, _team, _step) = (model, lanes, team, new Step(lanes));
        _isUsed = new bool[model.Config.Experts];
    }

    /// <summary>
    /// Runs the batches of <paramref name="flight"/> up to hidden state <paramref name="hiddenState"/> (0 = embeddings; an inner one is the raw
    /// residual stream). The result is in <see cref="TokenState.Stream"/>, or for the last hidden state in <see cref="TokenState.Normed"/>.
    /// </summary>
    /// <param name="flight">Micro-batches with their batch set.</param>
    /// <param name="hiddenState">0 to the model's last.</param>
    /// <param name="layerDone">Told the number of layers done.</param>
    /// <param name="cancel">Asked before each part.</param>
    public void Run(IReadOnlyList<TokenState> flight, int hiddenState, Action<int>? layerDone = null, CancellationToken cancel = default)
    {
        Begin(flight);
        Continue(flight, hiddenState, layerDone, cancel);
    }

    /// <summary>Hidden state 0: what of a pass depends on the texts' ids and not on their lengths alone.</summary>
    public void Begin(IReadOnlyList<TokenState> flight) => Each(flight, StepKind.Embed, null);

    /// <summary>The rest of <see cref="Run"/>.</summary>
    public void Continue(IReadOnlyList<TokenState> flight, int hiddenState, Action<int>? layerDone = null, CancellationToken cancel = default)
    {
        var config = _model.Config;
        for (var layer = 0; layer < hiddenState; layer++)
        {
            var hasExperts = config.Layers[layer].HasExperts;
            var afterLayer = layer + 1 < hiddenState ? new PartKey(layer + 1, PartKind.Attention) : (PartKey?)null;
            RunPart(new PartKey(layer, PartKind.Attention), new PartKey(layer, PartKind.FeedForward), flight, cancel);
            RunPart(new PartKey(layer, PartKind.FeedForward), hasExperts ? new PartKey(layer, PartKind.Experts) : afterLayer, flight, cancel);
            if (hasExperts) RunExperts(layer, afterLayer, flight, cancel);
            _step.Index = layer + 1;
            if (layer + 1 < config.Layers.Count) Each(flight, StepKind.ObserveState, null);
            layerDone?.Invoke(layer + 1);
        }
        if (hiddenState < config.Layers.Count) return;
        _step.Index = hiddenState;
        Each(flight, StepKind.FinalNorm, null);
    }

    private void RunExperts(int layer, PartKey? afterLayer, IReadOnlyList<TokenState> flight, CancellationToken cancel)
    {
        var (experts, group) = (_model.Config.Experts, _model.Layers.ExpertsAPart);
        _step.Index = layer;
        Each(flight, StepKind.ObserveRouting, null);
        if (group >= experts)
        {
            // All are here: nobody need know who was chosen, which on a device would have to be waited for.
            RunPart(new PartKey(layer, PartKind.Experts), afterLayer, flight, cancel);
            Each(flight, StepKind.AddBranch, null);
            return;
        }
        // An expert that no token chose is not even read.
        Array.Clear(_isUsed);
        for (var s = 0; s < flight.Count; s++)
            for (var expert = 0; expert < experts; expert++) _isUsed[expert] |= flight[s].Routing.RowsOf(expert).Rows > 0;
        var first = NextUsed(0, group);
        while (first < experts)
        {
            var next = NextUsed(first + group, group);
            RunPart(new PartKey(layer, PartKind.Experts, first), next < experts ? new PartKey(layer, PartKind.Experts, next) : afterLayer, flight, cancel);
            first = next;
        }
        Each(flight, StepKind.AddBranch, null);
    }

    /// <summary>The first group from expert <paramref name="from"/> on that has a token, or the number of experts.</summary>
    private int NextUsed(int from, int group)
    {
        for (var first = from; first < _isUsed.Length; first += group)
            if (_isUsed.AsSpan(first, Math.Min(group, _isUsed.Length - first)).Contains(true)) return first;
        return _isUsed.Length;
    }

    private void RunPart(PartKey key, PartKey? next, IReadOnlyList<TokenState> flight, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var part = _model.Layers.Acquire(key);
        try
        {
            if (next is { } expected) _model.Layers.Expect(expected);
            Each(flight, StepKind.Part, part);
        }
        finally
        {
            _model.Layers.Release(part);
        }
    }

    private void Each(IReadOnlyList<TokenState> flight, StepKind kind, WeightPart? part)
    {
        (_step.Kind, _step.Part, _step.Flight, _step.Model) = (kind, part, flight, _model);
        if (_lanes.Length > 1) _team.Run(_step, flight.Count);
        else for (var s = 0; s < flight.Count; s++) _step.Run(0, s);
        (_step.Part, _step.Flight) = (null, []);
    }

    private enum StepKind
    {
        Embed,
        Part,
        ObserveRouting,
        AddBranch,
        ObserveState,
        FinalNorm,
    }

    /// <summary>One thing to do for each micro-batch in flight; a single object, so that handing it out allocates nothing.</summary>
    private sealed class Step(Lane[] lanes) : TeamJob
    {
        public StepKind Kind { get; set; }

        public WeightPart? Part { get; set; }

        /// <summary>The layer or hidden state an observer is told.</summary>
        public int Index { get; set; }

        public IReadOnlyList<TokenState> Flight { get; set; } = [];

        public Llama4Model? Model { get; set; }

        public override void Run(int worker, int piece)
        {
            var (lane, state) = (lanes[worker], Flight[piece]);
            switch (Kind)
            {
                case StepKind.Embed:
                    lane.Compute.Embed(Model!.Embedding, state.Batch, state.Stream);
                    state.Observer?.OnHiddenState(0, state.Stream);
                    break;
                case StepKind.Part:
                    Part!.Forward(lane, state);
                    break;
                case StepKind.ObserveRouting:
                    state.Observer?.OnRouting(Index, state.Routing);
                    break;
                case StepKind.AddBranch:
                    lane.Compute.Add(state.Stream, state.Branch);
                    break;
                case StepKind.ObserveState:
                    state.Observer?.OnHiddenState(Index, state.Stream);
                    break;
                case StepKind.FinalNorm:
                    lane.Compute.RmsNorm(state.Stream, Model!.FinalNorm_d, Model.Config.NormEpsilon, state.Normed, isResult: true);
                    state.Observer?.OnHiddenState(Index, state.Normed);
                    break;
                default:
                    throw new InvalidOperationException($"no step {Kind}");
            }
        }
    }
}
