namespace Recs.Embedder.Compute;

/// <summary>
/// Which expert each token goes to, with what score its input is multiplied, and the tokens sorted by expert (within one, in their own
/// order). Reused from layer to layer.
/// </summary>
internal sealed class Routing(int experts)
{
    private IRoutingSource? _source;
    private readonly int[] _starts = new int[experts + 1];
    private int[] _experts = [];
    private int[] _order = [];
    private float[] _scores = [];

    public int ExpertCount => experts;

    public int Tokens { get; private set; }

    /// <summary>[tokens]</summary>
    public Span<int> Experts
    {
        get
        {
            Arrive();
            return _experts.AsSpan(0, Tokens);
        }
    }

    /// <summary>Sigmoid of the chosen expert's logit, [tokens].</summary>
    public Span<float> Scores => _scores.AsSpan(0, Tokens);

    /// <summary>Tokens by expert, see <see cref="RowsOf"/>; [tokens], once <see cref="Sort"/> has run.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, Tokens);

    public void Fit(int tokens)
    {
        if (_experts.Length < tokens) (_experts, _order, _scores) = (new int[tokens], new int[tokens], new float[tokens]);
        (Tokens, _source) = (tokens, null);
    }

    /// <summary>The choice was made elsewhere: <paramref name="source"/> is asked for it when it is first looked at.</summary>
    public void Fit(int tokens, IRoutingSource source)
    {
        Fit(tokens);
        _source = source;
    }

    /// <summary>Where the tokens of an expert are in <see cref="Order"/>.</summary>
    public (int First, int Rows) RowsOf(int expert)
    {
        Arrive();
        return (_starts[expert], _starts[expert + 1] - _starts[expert]);
    }

    /// <summary>Sorts the tokens, once all experts are chosen.</summary>
    public void Sort()
    {
        Array.Clear(_starts);
        foreach (var expert in Experts) _starts[expert + 1]++;
        for (var expert = 0; expert < experts; expert++) _starts[expert + 1] += _starts[expert];
        for (var t = 0; t < Tokens; t++) _order[_starts[_experts[t]]++] = t;
        // Each start has moved to the next one's place; back they go.
        for (var expert = experts; expert > 0; expert--) _starts[expert] = _starts[expert - 1];
        _starts[0] = 0;
    }

    private void Arrive()
    {
        if (_source is not { } source) return;
        _source = null;
        source.Fetch(this);
        Sort();
    }
}

/// <summary>A backend that chooses on its own device.</summary>
internal interface IRoutingSource
{
    /// <summary>Waits for the choice and writes <see cref="Routing.Experts"/>; scores and order stay where they are.</summary>
    void Fetch(Routing routing);
}
