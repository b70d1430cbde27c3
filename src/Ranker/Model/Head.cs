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

    internal void AppendTo(System.Security.Cryptography.IncrementalHash hash) => _scorer.AppendTo(hash);

    internal double Score(ReadOnlySpan<float> row)
    {
        if (_columns is null) return _scorer.Score(row);
        Span<float> selected = stackalloc float[_columns.Length];
        for (var i = 0; i < _columns.Length; i++) selected[i] = row[_columns[i]];
        return _scorer.Score(selected);
    }
}
