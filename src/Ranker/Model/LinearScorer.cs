using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>A logistic regression's log-odds: bias + Σ weight · (value − offset) · scale. The normalisation is part of it. Immutable; safe from any thread.</summary>
internal sealed class LinearScorer : IScorer
{
    private readonly double[] _weights;
    private readonly double[] _offsets;
    private readonly double _bias, _middle;

    /// <param name="weights">By column.</param>
    /// <param name="offsets">Taken from a value first. By column.</param>
    /// <param name="scales">Factor after that. By column.</param>
    /// <param name="bias">Log-odds of a row of offsets.</param>
    public LinearScorer(IReadOnlyList<float> weights, IReadOnlyList<float> offsets, IReadOnlyList<float> scales, double bias)
    {
        if (weights.Count != offsets.Count || weights.Count != scales.Count) throw new InvalidDataException($"{weights.Count} weights, {offsets.Count} offsets, {scales.Count} scales");
        _weights = [.. weights.Select((weight, at) => (double)weight * scales[at])];
        _offsets = [.. offsets.Select(offset => (double)offset)];
        _middle = bias;
        _bias = bias - weights.Select((weight, at) => (double)weight * scales[at] * offsets[at]).Sum();
    }

    public int Trees => 0;

    public double Score(ReadOnlySpan<float> row)
    {
        var sum = _bias;
        for (var i = 0; i < _weights.Length; i++) sum += _weights[i] * row[i];
        return sum;
    }

    public string? WhyNotExplained => null;

    /// <summary>Of a linear function Shapley values are weight · (value − mean), whatever stands in the other columns (Štrumbelj and Kononenko 2014); offsets are the training rows' means.</summary>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        for (var i = 0; i < _weights.Length; i++) contributions[i] = _weights[i] * (row[i] - _offsets[i]);
        return _middle;
    }

    public void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<double>(_weights));
        hash.AppendData(BitConverter.GetBytes(_bias));
    }
}
