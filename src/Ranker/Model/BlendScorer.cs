using System.Buffers;
using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>The weighted sum of several parts' log-odds, each part's raw score brought to log-odds by a line of its own. Immutable; safe from any thread.</summary>
internal sealed class BlendScorer(IReadOnlyList<BlendScorer.Part> parts) : IScorer
{
    private readonly Part[] _parts = [.. parts];

    public int Trees => _parts.Sum(part => part.Scorer.Trees);

    public double Score(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var part in _parts) sum += part.Weight * (part.Line.Slope * part.Scorer.Score(row) + part.Line.Intercept);
        return sum;
    }

    public void Score(ReadOnlySpan<float> rows, int width, Span<double> scores)
    {
        var own = ArrayPool<double>.Shared.Rent(scores.Length);
        scores.Clear();
        foreach (var part in _parts)
        {
            part.Scorer.Score(rows, width, own.AsSpan(0, scores.Length));
            for (var row = 0; row < scores.Length; row++) scores[row] += part.Weight * (part.Line.Slope * own[row] + part.Line.Intercept);
        }
        ArrayPool<double>.Shared.Return(own);
    }

    public string? WhyNotExplained => _parts.Select(part => part.Scorer.WhyNotExplained).FirstOrDefault(reason => reason is not null);

    /// <summary>Shapley values add up as the parts do: each part's, brought to log-odds by its line, times its weight.</summary>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        var own = new double[contributions.Length];
        contributions.Clear();
        var expected = 0.0;
        foreach (var part in _parts)
        {
            expected += part.Weight * (part.Line.Slope * part.Scorer.Explain(row, own) + part.Line.Intercept);
            for (var i = 0; i < own.Length; i++) contributions[i] += part.Weight * part.Line.Slope * own[i];
        }
        return expected;
    }

    public void AppendTo(IncrementalHash hash)
    {
        foreach (var part in _parts)
        {
            foreach (var number in new[] { part.Weight, part.Line.Slope, part.Line.Intercept }) hash.AppendData(BitConverter.GetBytes(number));
            part.Scorer.AppendTo(hash);
        }
    }

    /// <summary>One part.</summary>
    /// <param name="Scorer">Gives raw scores.</param>
    /// <param name="Line">From raw score to log-odds.</param>
    /// <param name="Weight">Its share of the sum.</param>
    public readonly record struct Part(IScorer Scorer, PlattCalibration Line, double Weight);
}
