using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>A logistic regression's log-odds: bias + Σ weight · (value − offset) · scale. The normalisation is part of it. Immutable; safe from any thread.</summary>
internal sealed class LinearScorer : IScorer
{
    private readonly double[] _weights;
    private readonly double _bias;

    /// <param name="weights">By column.</param>
    /// <param name="offsets">Taken from a value first. By column.</param>
    /// <param name="scales">Factor after that. By column.</param>
    /// <param name="bias">Log-odds of a row of offsets.</param>
    public LinearScorer(IReadOnlyList<float> weights, IReadOnlyList<float> offsets, IReadOnlyList<float> scales, double bias)
    {
        if (weights.Count != offsets.Count || weights.Count != scales.Count) throw new InvalidDataException($"{weights.Count} weights, {offsets.Count} offsets, {scales.Count} scales");
        _weights = [.. weights.Select((weight, at) => (double)weight * scales[at])];
        _bias = bias - weights.Select((weight, at) => (double)weight * scales[at] * offsets[at]).Sum();
    }

    public int Trees => 0;

    public double Score(ReadOnlySpan<float> row)
    {
        var sum = _bias;
        for (var i = 0; i < _weights.Length; i++) sum += _weights[i] * row[i];
        return sum;
    }

    public void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<double>(_weights));
        hash.AppendData(BitConverter.GetBytes(_bias));
    }
}
