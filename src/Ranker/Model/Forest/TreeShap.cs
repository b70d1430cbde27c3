namespace Recs.Ranker.Model.Forest;

/// <summary>
/// What each feature adds to a row's score: Shapley values of the game in which a split on an absent feature sends the row both ways, by the shares of
/// training rows that went there. For one row and a tree of L leaves and depth D: O(L·D²).
/// Source: Lundberg, Erion, Lee, "Consistent Individualized Feature Attribution for Tree Ensembles" (2018), algorithm 2.
/// Thread rule: one thread per instance.
/// </summary>
internal sealed class TreeShap
{
    /// <summary>One feature met on the way down.</summary>
    /// <param name="Feature">Which; −1 for the root's empty entry.</param>
    /// <param name="Zero">Share of training rows that go on when it is absent.</param>
    /// <param name="One">1 when the row itself goes on, else 0.</param>
    /// <param name="Weight">Of the subsets with as many present features as the entry's place.</param>
    private record struct Step(int Feature, double Zero, double One, double Weight);

    private readonly RegressionForest.Tree[] _trees;
    private readonly long[][] _covers;
    private readonly Step[] _steps;

    /// <param name="trees">With covers, each at least 1.</param>
    public TreeShap(IReadOnlyList<RegressionForest.Tree> trees)
    {
        _trees = [.. trees];
        _covers = [.. trees.Select(NodeCovers.Of)];
        var deepest = trees.Select(tree => Depth(tree)).DefaultIfEmpty(0).Max();
        // Each level keeps a path of its own, one step longer than the one above.
        _steps = new Step[(deepest + 2) * (deepest + 3) / 2];
        Expected = 0;
        for (var tree = 0; tree < _trees.Length; tree++) Expected += Mean(_trees[tree]);
    }

    /// <summary>What a training row scores on average.</summary>
    public double Expected { get; }

    /// <summary>Adds each feature's share to <paramref name="contributions"/>; with <see cref="Expected"/> they sum up to the score, but for rounding.</summary>
    public void Add(ReadOnlySpan<float> row, Span<double> contributions)
    {
        for (var tree = 0; tree < _trees.Length; tree++)
            if (_trees[tree].Features.Count > 0) Descend(tree, 0, row, contributions, 0, 0, 1, 1, -1);
    }

    /// <param name="tree">Number of the tree.</param>
    /// <param name="node">A split, or ~leaf.</param>
    /// <param name="row">The row.</param>
    /// <param name="contributions">[features].</param>
    /// <param name="start">Where this level's path starts in the buffer, a copy of the level above.</param>
    /// <param name="length">Its steps before the next one is added.</param>
    /// <param name="zero">Of the step that led here.</param>
    /// <param name="one">Of the step that led here.</param>
    /// <param name="feature">Of the step that led here.</param>
    private void Descend(int tree, int node, ReadOnlySpan<float> row, Span<double> contributions, int start, int length, double zero, double one, int feature)
    {
        var path = _steps.AsSpan(start, length + 1);
        Extend(path, zero, one, feature);
        var flat = _trees[tree];
        if (node < 0)
        {
            for (var i = 1; i < path.Length; i++) contributions[path[i].Feature] += UnwoundSum(path, i) * (path[i].One - path[i].Zero) * flat.Leaves[~node];
            return;
        }
        var split = flat.Features[node];
        var (hot, cold) = row[split] <= flat.Thresholds[node] ? (flat.Left[node], flat.Right[node]) : (flat.Right[node], flat.Left[node]);
        double incomingZero = 1, incomingOne = 1;
        // A feature stands in the path once: met again, its old step is taken out and carried on.
        for (var i = 1; i < path.Length; i++)
            if (path[i].Feature == split)
            {
                (incomingZero, incomingOne) = (path[i].Zero, path[i].One);
                Unwind(path, i);
                path = path[..^1];
                break;
            }
        double all = _covers[tree][node];
        var below = start + length + 1;
        path.CopyTo(_steps.AsSpan(below));
        Descend(tree, hot, row, contributions, below, path.Length, incomingZero * Cover(tree, hot) / all, incomingOne, split);
        path = _steps.AsSpan(start, path.Length);
        path.CopyTo(_steps.AsSpan(below));
        Descend(tree, cold, row, contributions, below, path.Length, incomingZero * Cover(tree, cold) / all, 0, split);
    }

    private long Cover(int tree, int child) => child < 0 ? _trees[tree].Covers![~child] : _covers[tree][child];

    /// <summary>The last step of the path is the new one.</summary>
    private static void Extend(Span<Step> path, double zero, double one, int feature)
    {
        var last = path.Length - 1;
        path[last] = new(feature, zero, one, last == 0 ? 1 : 0);
        for (var i = last - 1; i >= 0; i--)
        {
            path[i + 1].Weight += one * path[i].Weight * (i + 1) / (last + 1);
            path[i].Weight = zero * path[i].Weight * (last - i) / (last + 1);
        }
    }

    /// <summary>Undoes the step at <paramref name="at"/>; the last entry is free then.</summary>
    private static void Unwind(Span<Step> path, int at)
    {
        var last = path.Length - 1;
        var (zero, one) = (path[at].Zero, path[at].One);
        var next = path[last].Weight;
        for (var i = last - 1; i >= 0; i--)
        {
            if (one != 0)
            {
                var weight = path[i].Weight;
                path[i].Weight = next * (last + 1) / ((i + 1) * one);
                next = weight - path[i].Weight * zero * (last - i) / (last + 1);
            }
            else
            {
                path[i].Weight = path[i].Weight * (last + 1) / (zero * (last - i));
            }
        }
        for (var i = at; i < last; i++) path[i] = path[i + 1] with { Weight = path[i].Weight };
    }

    /// <summary>The sum of the weights after undoing the step at <paramref name="at"/>, without undoing it.</summary>
    private static double UnwoundSum(ReadOnlySpan<Step> path, int at)
    {
        var last = path.Length - 1;
        var (zero, one) = (path[at].Zero, path[at].One);
        double next = path[last].Weight, sum = 0;
        for (var i = last - 1; i >= 0; i--)
        {
            if (one != 0)
            {
                var weight = next * (last + 1) / ((i + 1) * one);
                sum += weight;
                next = path[i].Weight - weight * zero * (last - i) / (last + 1);
            }
            else
            {
                sum += path[i].Weight * (last + 1) / (zero * (last - i));
            }
        }
        return sum;
    }

    private static double Mean(RegressionForest.Tree tree)
    {
        double sum = 0, rows = 0;
        for (var leaf = 0; leaf < tree.Leaves.Count; leaf++)
        {
            sum += tree.Leaves[leaf] * tree.Covers![leaf];
            rows += tree.Covers[leaf];
        }
        return sum / rows;
    }

    private static int Depth(RegressionForest.Tree tree)
    {
        var deepest = 0;
        var open = new Stack<(int Child, int Depth)>([(tree.Features.Count > 0 ? 0 : ~0, 0)]);
        while (open.TryPop(out var next))
        {
            deepest = Math.Max(deepest, next.Depth);
            if (next.Child < 0) continue;
            open.Push((tree.Left[next.Child], next.Depth + 1));
            open.Push((tree.Right[next.Child], next.Depth + 1));
        }
        return deepest;
    }
}
