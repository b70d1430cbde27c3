using System.Buffers;
using Recs.Domain.Events;

namespace Recs.Ranker.Model;

/// <summary>What is expected of one action: its calibrated probability, or for dwell the seconds. Immutable; safe from any thread.</summary>
public sealed class Head
{
    private readonly IScorer _scorer;
    private readonly int[]? _columns;

    /// <param name="action">What is predicted.</param>
    /// <param name="scorer">Gives raw scores.</param>
    /// <param name="calibration">From raw score to probability or amount.</param>
    /// <param name="columns">Which columns of the full row the scorer was trained on, in order; null for all.</param>
    internal Head(InteractionType action, IScorer scorer, ICalibration calibration, int[]? columns)
    {
        Action = action;
        _scorer = scorer;
        Calibration = calibration;
        _columns = columns;
    }

    /// <summary>What is predicted.</summary>
    public InteractionType Action { get; }

    /// <summary>Trees of the head; 0 for one that has none.</summary>
    public int Trees => _scorer.Trees;

    /// <summary>From raw score to probability or amount.</summary>
    public ICalibration Calibration { get; }

    /// <summary>Whether an amount (seconds of dwell, 0 or more) is predicted, not a probability.</summary>
    public bool IsAmount => Calibration is AmountCalibration;

    /// <summary>P(<see cref="Action"/> | shown), in (0, 1); of an amount its expected value.</summary>
    /// <param name="row">A full feature row.</param>
    public float Probability(ReadOnlySpan<float> row) => Calibration.Probability(Score(row));

    /// <summary>The same of many rows, with the same bits, and several times as fast.</summary>
    /// <param name="rows">[into × width], full feature rows, row-major.</param>
    /// <param name="width">Numbers in a full row.</param>
    /// <param name="into">As many as there are rows.</param>
    public void Probabilities(ReadOnlySpan<float> rows, int width, Span<float> into)
    {
        var scores = ArrayPool<double>.Shared.Rent(into.Length);
        Score(rows, width, scores.AsSpan(0, into.Length));
        for (var row = 0; row < into.Length; row++) into[row] = Calibration.Probability(scores[row]);
        ArrayPool<double>.Shared.Return(scores);
    }

    /// <summary>Null where <see cref="Explain"/> works: forests that know their training rows, logistic regressions and blends of them. Else the reason.</summary>
    public string? WhyNotExplained => _scorer.WhyNotExplained;

    /// <summary>Whether <see cref="Explain"/> works.</summary>
    public bool CanExplain => WhyNotExplained is null;

    /// <summary>
    /// What each feature adds to the raw score of a row (before calibration; log-odds, or of an amount its unit): Shapley values, of forests by TreeSHAP, of a logistic
    /// regression weight · (value − mean), of a blend the weighted sum of its parts'.
    /// </summary>
    /// <param name="row">A full feature row.</param>
    /// <param name="contributions">[row], overwritten; 0 for columns that the head does not read.</param>
    /// <returns>The average raw score of the training rows; with the contributions it sums up to the row's raw score, but for rounding.</returns>
    /// <exception cref="InvalidOperationException"><see cref="CanExplain"/> is false.</exception>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        if (WhyNotExplained is { } reason) throw new InvalidOperationException($"the {Action} head cannot be explained: {reason}");
        if (_columns is null) return _scorer.Explain(row, contributions);
        var (selected, own) = (new float[_columns.Length], new double[_columns.Length]);
        for (var i = 0; i < selected.Length; i++) selected[i] = row[_columns[i]];
        var expected = _scorer.Explain(selected, own);
        contributions.Clear();
        for (var i = 0; i < own.Length; i++) contributions[_columns[i]] += own[i];
        return expected;
    }

    internal void AppendTo(System.Security.Cryptography.IncrementalHash hash) => _scorer.AppendTo(hash);

    /// <summary>The raw score: what <see cref="Calibration"/> reads.</summary>
    /// <param name="row">A full feature row.</param>
    public double Score(ReadOnlySpan<float> row)
    {
        if (_columns is null) return _scorer.Score(row);
        Span<float> selected = stackalloc float[_columns.Length];
        for (var i = 0; i < _columns.Length; i++) selected[i] = row[_columns[i]];
        return _scorer.Score(selected);
    }

    internal void Score(ReadOnlySpan<float> rows, int width, Span<double> scores)
    {
        if (_columns is null)
        {
            _scorer.Score(rows, width, scores);
            return;
        }
        var selected = ArrayPool<float>.Shared.Rent(Math.Max(1, scores.Length * _columns.Length));
        for (int row = 0, at = 0; row < scores.Length; row++)
            foreach (var column in _columns) selected[at++] = rows[row * width + column];
        _scorer.Score(selected.AsSpan(0, scores.Length * _columns.Length), _columns.Length, scores);
        ArrayPool<float>.Shared.Return(selected);
    }
}
