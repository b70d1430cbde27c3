using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>A learnt function in the form that scores: equal to what ML.NET learnt, without ML.NET. Immutable; safe from any thread.</summary>
internal interface IScorer
{
    /// <summary>Trees in it; 0 for what has none.</summary>
    int Trees { get; }

    /// <summary>The raw score of one row; finite for finite features.</summary>
    /// <param name="row">The columns it was trained on, in their order.</param>
    double Score(ReadOnlySpan<float> row);

    /// <summary>The raw scores of many rows, the same bits as one by one.</summary>
    /// <param name="rows">[scores × width], row-major.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="scores">As many as there are rows.</param>
    void Score(ReadOnlySpan<float> rows, int width, Span<double> scores)
    {
        for (var row = 0; row < scores.Length; row++) scores[row] = Score(rows.Slice(row * width, width));
    }

    /// <summary>Null where <see cref="Explain"/> works; else why it does not.</summary>
    string? WhyNotExplained { get; }

    /// <summary>What each column adds to a row's raw score: Shapley values.</summary>
    /// <param name="row">As for <see cref="Score(ReadOnlySpan{float})"/>.</param>
    /// <param name="contributions">[row], overwritten.</param>
    /// <returns>The average raw score of the training rows; with the contributions it sums up to the row's, but for rounding.</returns>
    /// <exception cref="InvalidOperationException"><see cref="WhyNotExplained"/> is not null.</exception>
    double Explain(ReadOnlySpan<float> row, Span<double> contributions);

    /// <summary>Feeds every number to a hash.</summary>
    void AppendTo(IncrementalHash hash);
}
