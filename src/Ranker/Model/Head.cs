using Recs.Domain.Events;

namespace Recs.Ranker.Model;

/// <summary>The calibrated probability of one action. Immutable; safe from any thread.</summary>
public sealed class Head
{
    private readonly RegressionForest _forest;
    private readonly PlattCalibration _calibrator;
    private readonly int[]? _columns;

    /// <param name="action">What is predicted.</param>
    /// <param name="forest">The trees.</param>
    /// <param name="calibrator">From raw score to probability.</param>
    /// <param name="columns">Which columns of the full row the forest was trained on, in order; null for all.</param>
    internal Head(InteractionType action, RegressionForest forest, PlattCalibration calibrator, int[]? columns)
    {
        Action = action;
        _forest = forest;
        _calibrator = calibrator;
        _columns = columns;
    }

    /// <summary>What is predicted.</summary>
    public InteractionType Action { get; }

    /// <summary>Trees of the forest.</summary>
    public int Trees => _forest.Trees;

    /// <summary>P(<see cref="Action"/> | shown), in (0, 1).</summary>
    /// <param name="row">A full feature row.</param>
    public float Probability(ReadOnlySpan<float> row) => _calibrator.Probability(Score(row));

    internal void AppendTo(System.Security.Cryptography.IncrementalHash hash) => _forest.AppendTo(hash);

    internal double Score(ReadOnlySpan<float> row)
    {
        if (_columns is null) return _forest.Score(row);
        Span<float> selected = stackalloc float[_columns.Length];
        for (var i = 0; i < _columns.Length; i++) selected[i] = row[_columns[i]];
        return _forest.Score(selected);
    }
}
