using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>
/// Boosted trees flattened into arrays: the sum over the trees of the value of the leaf that a row falls into. A split sends a row
/// left when its feature is at most the threshold. Immutable; safe from any thread.
/// </summary>
public sealed class RegressionForest : IScorer
{
    private readonly int[] _roots;
    private readonly int[] _features;
    private readonly float[] _thresholds;
    // A child ≥ 0 is a node, a child < 0 is leaf number ~child.
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly double[] _leaves;

    internal RegressionForest(IReadOnlyList<Tree> trees)
    {
        var nodes = trees.Sum(tree => tree.Features.Count);
        _roots = new int[trees.Count];
        _features = new int[nodes];
        _thresholds = new float[nodes];
        _left = new int[nodes];
        _right = new int[nodes];
        _leaves = new double[trees.Sum(tree => tree.Leaves.Count)];
        int node = 0, leaf = 0;
        for (var t = 0; t < trees.Count; t++)
        {
            var tree = trees[t];
            // A tree without a split is a single leaf.
            _roots[t] = tree.Features.Count == 0 ? ~leaf : node;
            for (var i = 0; i < tree.Features.Count; i++)
            {
                _features[node + i] = tree.Features[i];
                _thresholds[node + i] = tree.Thresholds[i];
                _left[node + i] = tree.Left[i] >= 0 ? node + tree.Left[i] : ~(leaf + ~tree.Left[i]);
                _right[node + i] = tree.Right[i] >= 0 ? node + tree.Right[i] : ~(leaf + ~tree.Right[i]);
            }
            for (var i = 0; i < tree.Leaves.Count; i++) _leaves[leaf + i] = tree.Leaves[i];
            node += tree.Features.Count;
            leaf += tree.Leaves.Count;
        }
    }

    /// <summary>Trees.</summary>
    public int Trees => _roots.Length;

    /// <summary>The raw score of one row; finite for finite features.</summary>
    /// <param name="row">As many numbers as the model was trained on.</param>
    public double Score(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var root in _roots)
        {
            var node = root;
            while (node >= 0) node = row[_features[node]] <= _thresholds[node] ? _left[node] : _right[node];
            sum += _leaves[~node];
        }
        return sum;
    }

    /// <summary>Feeds every number of the forest to a hash.</summary>
    internal void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<int>(_roots));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_features));
        hash.AppendData(MemoryMarshal.AsBytes<float>(_thresholds));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_left));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_right));
        hash.AppendData(MemoryMarshal.AsBytes<double>(_leaves));
    }

    void IScorer.AppendTo(IncrementalHash hash) => AppendTo(hash);

    /// <summary>One tree as ML.NET tells it: children below zero are leaves, as ~leaf.</summary>
    internal sealed record Tree(
        IReadOnlyList<int> Features, IReadOnlyList<float> Thresholds, IReadOnlyList<int> Left, IReadOnlyList<int> Right, IReadOnlyList<double> Leaves);
}
