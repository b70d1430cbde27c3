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

    /// <summary>Feeds every number to a hash.</summary>
    void AppendTo(IncrementalHash hash);
}
