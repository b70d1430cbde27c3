using System.Collections.Concurrent;
using System.Security.Cryptography;
using Recs.Ranker.LightGbm;
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
    // One for each explanation under way.
    private readonly ConcurrentBag<TreeShap> _shap = [];

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

    /// <summary>Whether it is known how many training rows fell into each leaf, which <see cref="Explain"/> needs.</summary>
    public bool HasCovers => _trees.All(tree => tree.Covers is not null);

    string? IScorer.WhyNotExplained => HasCovers ? null : "the forest has no covers: it was read from a model folder without them";

    /// <summary>What each feature adds to the score of a row: path-dependent Shapley values (TreeSHAP).</summary>
    /// <param name="row">As many finite numbers as the model was trained on.</param>
    /// <param name="contributions">[row], overwritten.</param>
    /// <returns>The average score of the training rows; with the contributions it sums up to <see cref="Score(ReadOnlySpan{float})"/>, but for rounding.</returns>
    /// <exception cref="InvalidOperationException">The forest has no covers.</exception>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        if (!HasCovers) throw new InvalidOperationException("the forest has no covers: it was read from a model folder without them");
        if (contributions.Length != row.Length) throw new ArgumentException($"{contributions.Length} contributions for a row of {row.Length}", nameof(contributions));
        if (!_shap.TryTake(out var shap)) shap = new TreeShap(_trees);
        contributions.Clear();
        shap.Add(row, contributions);
        _shap.Add(shap);
        return shap.Expected;
    }

    /// <summary>The forest in LightGBM's text format, raw scores for an answer.</summary>
    /// <param name="width">Numbers in a row.</param>
    public string ToLightGbmText(int width) => LightGbmText.Of(_trees, width);

    /// <summary>Leaves of all trees.</summary>
    internal int Leaves => _walk.Leaves;

    /// <summary>Adds up how many of the rows fall into each leaf.</summary>
    internal void CountLeaves(ReadOnlySpan<float> rows, int width, int[] covers) => _block.Value.Count(rows, width, covers);

    /// <summary>The same trees with the training rows of each leaf.</summary>
    /// <param name="covers">[<see cref="Leaves"/>], each at least 1.</param>
    internal RegressionForest Covering(int[] covers)
    {
        if (covers.Length != Leaves || covers.Any(cover => cover < 1)) throw new InvalidDataException($"{covers.Length} covers for {Leaves} leaves, each should be 1 or more");
        var at = 0;
        return new([.. _trees.Select(tree => tree with { Covers = covers[at..(at += tree.Leaves.Count)] })]);
    }

    /// <summary>[<see cref="Leaves"/>] training rows of each leaf; null when they are not known.</summary>
    internal int[]? Covers => HasCovers ? [.. _trees.SelectMany(tree => tree.Covers!)] : null;

    /// <summary>Feeds every number of the forest to a hash; covers are no part of it.</summary>
    internal void AppendTo(IncrementalHash hash) => _walk.AppendTo(hash);

    void IScorer.AppendTo(IncrementalHash hash) => AppendTo(hash);

    /// <summary>One tree as ML.NET tells it: children below zero are leaves, as ~leaf. Covers: training rows of each leaf, where known.</summary>
    internal sealed record Tree(
        IReadOnlyList<int> Features, IReadOnlyList<float> Thresholds, IReadOnlyList<int> Left, IReadOnlyList<int> Right, IReadOnlyList<double> Leaves, IReadOnlyList<int>? Covers = null);
}
