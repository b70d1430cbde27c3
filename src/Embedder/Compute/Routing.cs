namespace Recs.Embedder.Compute;

/// <summary>Which expert each token goes to, and with what score its input is multiplied. Reused from layer to layer.</summary>
internal sealed class Routing
{
    private int[] _experts = [];
    private float[] _scores = [];

    public int Tokens { get; private set; }

    /// <summary>[tokens]</summary>
    public Span<int> Experts => _experts.AsSpan(0, Tokens);

    /// <summary>Sigmoid of the chosen expert's logit, [tokens].</summary>
    public Span<float> Scores => _scores.AsSpan(0, Tokens);

    public void Fit(int tokens)
    {
        if (_experts.Length < tokens) (_experts, _scores) = (new int[tokens], new float[tokens]);
        Tokens = tokens;
    }
}
