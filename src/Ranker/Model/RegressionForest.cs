using System.Security.Cryptography;
using Recs.Ranker.Model.Forest;

namespace Recs.Ranker.Model;

/// <summary>
/// Boosted trees, compiled for scoring: the sum over the trees, in their order, of the value of the leaf that a row falls into. A split sends a row
/// left when its feature is at most the threshold, else right (so does a NaN). One row and many rows give the same bits.
/// Immutable; safe from any thread.
/// </summary>
public sealed class RegressionForest : IScorer
{
    /// <summary>Up to so many rows the way of one row is the faster one.</summary>
    private const int FewRows = 4;

    private readonly IReadOnlyList<Tree> _trees;
    private readonly TreeWalk _walk;
    // Compiled when first used: a forest that is only kept on disk needs none of it.
    private readonly Lazy<RowScorer?> _row;
    private readonly Lazy<BlockScorer> _block;

    internal RegressionForest(IReadOnlyList<Tree> trees)
    {
        _trees = trees;
        _walk = new TreeWalk(trees);
        var ranks = new Lazy<ThresholdRanks>(() => new ThresholdRanks(trees.SelectMany(tree => tree.Features.Zip(tree.Thresholds))));
        _row = new(() => RowScorer.TryCreate(trees, ranks.Value));
        _block = new(() => new BlockScorer(trees, _walk, ranks.Value));
    }

    /// <summary>Trees.</summary>
    public int Trees => _trees.Count;

    /// <summary>The raw score of one row; finite for finite features.</summary>
    /// <param name="row">As many numbers as the model was trained on.</param>
    public double Score(ReadOnlySpan<float> row) => _row.Value is { } fast ? fast.Score(row) : _walk.Score(row);

    /// <summary>The raw scores of many rows, the same bits as one by one.</summary>
    /// <param name="rows">[scores × width], row-major.</param>
    /// <param name="width">Numbers in a row, at least 1.</param>
    /// <param name="scores">As many as there are rows.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Score(ReadOnlySpan<float> rows, int width, Span<double> scores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (rows.Length != (long)scores.Length * width) throw new ArgumentException($"{rows.Length} numbers are not {scores.Length} rows of {width}", nameof(rows));
        if (scores.Length > FewRows) _block.Value.Score(rows, width, scores);
        else
            for (var row = 0; row < scores.Length; row++) scores[row] = Score(rows.Slice(row * width, width));
    }

    /// <summary>The definition: every tree walked from its root.</summary>
    internal double Walk(ReadOnlySpan<float> row) => _walk.Score(row);

    /// <summary>Feeds every number of the forest to a hash.</summary>
    internal void AppendTo(IncrementalHash hash) => _walk.AppendTo(hash);

    void IScorer.AppendTo(IncrementalHash hash) => AppendTo(hash);

    /// <summary>One tree as ML.NET tells it: children below zero are leaves, as ~leaf.</summary>
    internal sealed record Tree(
        IReadOnlyList<int> Features, IReadOnlyList<float> Thresholds, IReadOnlyList<int> Left, IReadOnlyList<int> Right, IReadOnlyList<double> Leaves);
}
