namespace Recs.Ranker.Model.Forest;

/// <summary>
/// How many training rows fell into each leaf. ML.NET keeps no such counts of its trees, so the rows are sent through them once more.
/// A leaf that none fell into counts as one: contributions divide by these numbers.
/// </summary>
internal static class LeafCovers
{
    /// <param name="forest">The trees.</param>
    /// <param name="rows">[count × width], row-major.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <returns>For all leaves of all trees, in the order of <see cref="TreeWalk"/>.</returns>
    public static int[] Count(RegressionForest forest, ReadOnlyMemory<float> rows, int width)
    {
        var covers = new int[forest.Leaves];
        // A tree's leaves are its own: no two threads meet at one number.
        Parallel.For(0, forest.Trees, tree =>
        {
            var span = rows.Span;
            for (var first = 0; first < span.Length; first += width) covers[forest.Leaf(tree, span.Slice(first, width))]++;
        });
        for (var leaf = 0; leaf < covers.Length; leaf++) covers[leaf] = Math.Max(1, covers[leaf]);
        return covers;
    }
}

/// <summary>From the covers of a tree's leaves to those of its splits.</summary>
internal static class NodeCovers
{
    /// <returns>For each split the training rows that came to it.</returns>
    /// <exception cref="InvalidOperationException">The tree has no covers.</exception>
    public static long[] Of(RegressionForest.Tree tree)
    {
        var covers = tree.Covers ?? throw new InvalidOperationException("the tree has no covers");
        var nodes = new long[tree.Features.Count];
        // Children first: a stack in which a split comes up again after both sides.
        var open = new Stack<(int Node, bool Done)>();
        if (nodes.Length > 0) open.Push((0, false));
        while (open.TryPop(out var next))
        {
            var (left, right) = (tree.Left[next.Node], tree.Right[next.Node]);
            if (next.Done)
            {
                nodes[next.Node] = Cover(left) + Cover(right);
                continue;
            }
            open.Push((next.Node, true));
            if (left >= 0) open.Push((left, false));
            if (right >= 0) open.Push((right, false));
        }
        return nodes;

        long Cover(int child) => child < 0 ? covers[~child] : nodes[child];
    }
}
