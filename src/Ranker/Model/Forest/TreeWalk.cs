using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Ranker.Model.Forest;

/// <summary>
/// Trees in flat arrays, walked from the root to a leaf: the definition that the fast ways are held to, and the way of trees that these do not take.
/// Immutable; safe from any thread.
/// </summary>
internal sealed class TreeWalk
{
    private readonly int[] _roots;
    private readonly int[] _features;
    private readonly float[] _thresholds;
    // A child ≥ 0 is a node, a child < 0 is leaf number ~child.
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly double[] _leaves;

    public TreeWalk(IReadOnlyList<RegressionForest.Tree> trees)
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

    /// <summary>Leaves of all trees.</summary>
    public int Leaves => _leaves.Length;

    /// <summary>The sum over the trees, in their order.</summary>
    public double Score(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        for (var tree = 0; tree < _roots.Length; tree++) sum += _leaves[Leaf(tree, row)];
        return sum;
    }

    /// <summary>What one tree adds.</summary>
    public double Value(int tree, ReadOnlySpan<float> row) => _leaves[Leaf(tree, row)];

    /// <summary>The leaf of a row, counted over all trees.</summary>
    public int Leaf(int tree, ReadOnlySpan<float> row)
    {
        var node = _roots[tree];
        while (node >= 0) node = row[_features[node]] <= _thresholds[node] ? _left[node] : _right[node];
        return ~node;
    }

    /// <summary>Feeds every number to a hash.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<int>(_roots));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_features));
        hash.AppendData(MemoryMarshal.AsBytes<float>(_thresholds));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_left));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_right));
        hash.AppendData(MemoryMarshal.AsBytes<double>(_leaves));
    }
}
