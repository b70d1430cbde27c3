using System.Buffers.Binary;

namespace Recs.Ranker.Model.Forest;

/// <summary>
/// How many training rows fell into each leaf. ML.NET keeps no such counts of its trees, so the rows are sent through them once more.
/// A leaf that none fell into counts as one: contributions divide by these numbers.
/// </summary>
internal static class LeafCovers
{
    private const int Block = 1_024;

    /// <param name="forest">The trees.</param>
    /// <param name="rows">How many.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="copy">Writes the numbers of a row.</param>
    /// <returns>For all leaves of all trees, in the order of <see cref="TreeWalk"/>.</returns>
    public static int[] Count(RegressionForest forest, int rows, int width, RowCopy copy)
    {
        var covers = new int[forest.Leaves];
        var block = new float[Block * width];
        for (var first = 0; first < rows; first += Block)
        {
            var count = Math.Min(Block, rows - first);
            for (var row = 0; row < count; row++) copy(first + row, block.AsSpan(row * width, width));
            forest.CountLeaves(block.AsSpan(0, count * width), width, covers);
        }
        for (var leaf = 0; leaf < covers.Length; leaf++) covers[leaf] = Math.Max(1, covers[leaf]);
        return covers;
    }

    /// <summary>Writes the numbers of a row.</summary>
    public delegate void RowCopy(int row, Span<float> into);

    /// <summary>As bytes, for a model folder: 32-bit little-endian.</summary>
    public static byte[] ToBytes(int[] covers)
    {
        var bytes = new byte[covers.Length * sizeof(int)];
        for (var leaf = 0; leaf < covers.Length; leaf++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(leaf * sizeof(int)), covers[leaf]);
        return bytes;
    }

    /// <inheritdoc cref="ToBytes"/>
    public static int[] FromBytes(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / sizeof(int)).Select(leaf => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(leaf * sizeof(int))))];
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
