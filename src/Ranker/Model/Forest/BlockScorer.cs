using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recs.Ranker.Model.Forest;

/// <summary>
/// Many rows through all trees, 128 at a time. A feature's values become byte ranks once a block; then every tree is settled for 32 rows an instruction:
/// its leaves are bits in planes of eight, a split clears the leaves on its left for the rows that go right, the lowest bit left is the leaf.
/// The steps are whole numbers, and leaf values are added in the order of the trees for each row on its own: the bits of
/// <see cref="TreeWalk.Score"/>, whatever the block or the width of vectors.
/// Source: RapidScorer (Ye et al., KDD 2018); sorting splits by plane, so that a plane stays in a register, is ours. Immutable; safe from any thread.
/// </summary>
internal sealed class BlockScorer
{
    private readonly record struct PlaneSplit(ushort Slot, sbyte Rank, byte Clears);

    // Four vectors of 32 rows.
    private const int Rows = ThresholdRanks.Block, Vector = 32;

    private readonly TreeWalk _walk;
    private readonly ThresholdRanks _ranks;
    private readonly int[] _firstLeaf;
    private readonly double[] _leaves;
    private readonly PlaneSplit[] _splits;
    // The planes of tree t are _firstPlane[t] to _firstPlane[t + 1] − 1; none: the tree is walked. Splits of plane p end at _endSplit[p].
    private readonly int[] _firstPlane;
    private readonly int[] _endSplit;

    public BlockScorer(IReadOnlyList<RegressionForest.Tree> trees, TreeWalk walk, ThresholdRanks ranks)
    {
        (_walk, _ranks) = (walk, ranks);
        _firstLeaf = new int[trees.Count];
        _leaves = new double[walk.Leaves];
        _firstPlane = new int[trees.Count + 1];
        List<PlaneSplit> splits = [];
        List<int> ends = [];
        for (int t = 0, leaf = 0; t < trees.Count; t++)
        {
            var tree = trees[t];
            var order = LeafOrder.Of(tree);
            _firstLeaf[t] = leaf;
            foreach (var number in order.Leaves) _leaves[leaf++] = tree.Leaves[number];
            if (tree.Leaves.Count <= 64 && ranks.Slots <= ushort.MaxValue && tree.Features.All(feature => ranks.TryFind(feature, out _)))
                for (var plane = 0; plane * 8 < tree.Leaves.Count; plane++)
                {
                    for (var split = 0; split < tree.Features.Count; split++)
                    {
                        var (from, to) = (Math.Max(order.Left[split].From - plane * 8, 0), Math.Min(order.Left[split].To - plane * 8, 8));
                        if (from >= to) continue;
                        ranks.TryFind(tree.Features[split], out var slot);
                        splits.Add(new((ushort)slot, (sbyte)(ranks.Of(slot, tree.Thresholds[split]) - 128), (byte)((1 << to) - (1 << from))));
                    }
                    ends.Add(splits.Count);
                }
            _firstPlane[t + 1] = ends.Count;
        }
        (_splits, _endSplit) = ([.. splits], [.. ends]);
    }

    /// <param name="rows">[rows × width].</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="scores">[rows].</param>
    public void Score(ReadOnlySpan<float> rows, int width, Span<double> scores)
    {
        var ranks = ArrayPool<byte>.Shared.Rent(Math.Max(1, _ranks.Slots) * Rows);
        Span<byte> leaves = stackalloc byte[Rows];
        for (var first = 0; first < scores.Length; first += Rows)
        {
            var count = Math.Min(Rows, scores.Length - first);
            var block = rows.Slice(first * width, count * width);
            _ranks.RankBlock(block, width, ranks);
            var sums = scores.Slice(first, count);
            sums.Clear();
            for (int tree = 0, split = 0; tree < _firstLeaf.Length; tree++)
            {
                var (plane, end) = (_firstPlane[tree], _firstPlane[tree + 1]);
                if (plane == end)
                {
                    for (var row = 0; row < sums.Length; row++) sums[row] += _walk.Value(tree, block.Slice(row * width, width));
                    continue;
                }
                // Ranks beyond the last row are of an earlier block: they lead to some leaf, which nobody reads.
                var planes = _endSplit.AsSpan(plane, end - plane);
                if (count > Vector) FindFour(planes, split, ranks, leaves);
                else FindOne(planes, split, ranks, leaves);
                split = planes[^1];
                Add(_leaves.AsSpan(_firstLeaf[tree]), leaves, sums);
            }
        }
        ArrayPool<byte>.Shared.Return(ranks);
    }

    private void FindFour(ReadOnlySpan<int> ends, int split, byte[] ranks, Span<byte> leaves)
    {
        ref var splits = ref MemoryMarshal.GetArrayDataReference(_splits);
        ref var rank = ref Unsafe.As<byte, sbyte>(ref MemoryMarshal.GetArrayDataReference(ranks));
        Vector256<byte> leafA = Vector256<byte>.AllBitsSet, leafB = leafA, leafC = leafA, leafD = leafA;
        for (var plane = 0; plane < ends.Length; plane++)
        {
            Vector256<byte> a = Vector256<byte>.AllBitsSet, b = a, c = a, d = a;
            for (; split < ends[plane]; split++)
            {
                ref readonly var at = ref Unsafe.Add(ref splits, split);
                var threshold = Vector256.Create(at.Rank);
                var clears = Vector256.Create(at.Clears);
                ref var slot = ref Unsafe.Add(ref rank, at.Slot * Rows);
                a = Vector256.AndNot(a, Vector256.GreaterThan(Vector256.LoadUnsafe(ref slot), threshold).AsByte() & clears);
                b = Vector256.AndNot(b, Vector256.GreaterThan(Vector256.LoadUnsafe(ref slot, Vector), threshold).AsByte() & clears);
                c = Vector256.AndNot(c, Vector256.GreaterThan(Vector256.LoadUnsafe(ref slot, 2 * Vector), threshold).AsByte() & clears);
                d = Vector256.AndNot(d, Vector256.GreaterThan(Vector256.LoadUnsafe(ref slot, 3 * Vector), threshold).AsByte() & clears);
            }
            var first = Vector256.Create((byte)(plane * 8));
            leafA = Vector256.Min(leafA, Vector256.AddSaturate(LowestBit(a), first));
            leafB = Vector256.Min(leafB, Vector256.AddSaturate(LowestBit(b), first));
            leafC = Vector256.Min(leafC, Vector256.AddSaturate(LowestBit(c), first));
            leafD = Vector256.Min(leafD, Vector256.AddSaturate(LowestBit(d), first));
        }
        ref var target = ref MemoryMarshal.GetReference(leaves);
        leafA.StoreUnsafe(ref target);
        leafB.StoreUnsafe(ref target, Vector);
        leafC.StoreUnsafe(ref target, 2 * Vector);
        leafD.StoreUnsafe(ref target, 3 * Vector);
    }

    private void FindOne(ReadOnlySpan<int> ends, int split, byte[] ranks, Span<byte> leaves)
    {
        ref var splits = ref MemoryMarshal.GetArrayDataReference(_splits);
        ref var rank = ref Unsafe.As<byte, sbyte>(ref MemoryMarshal.GetArrayDataReference(ranks));
        var leaf = Vector256<byte>.AllBitsSet;
        for (var plane = 0; plane < ends.Length; plane++)
        {
            var a = Vector256<byte>.AllBitsSet;
            for (; split < ends[plane]; split++)
            {
                ref readonly var at = ref Unsafe.Add(ref splits, split);
                a = Vector256.AndNot(a, Vector256.GreaterThan(Vector256.LoadUnsafe(ref Unsafe.Add(ref rank, at.Slot * Rows)), Vector256.Create(at.Rank)).AsByte() & Vector256.Create(at.Clears));
            }
            leaf = Vector256.Min(leaf, Vector256.AddSaturate(LowestBit(a), Vector256.Create((byte)(plane * 8))));
        }
        leaf.StoreUnsafe(ref MemoryMarshal.GetReference(leaves));
    }

    /// <summary>The number of each byte's lowest bit, 0 to 7; 255 for a byte without any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> LowestBit(Vector256<byte> bytes)
    {
        var lowNibble = Vector128.Create((byte)255, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0);
        var highNibble = Vector128.Create((byte)255, 4, 5, 4, 6, 4, 5, 4, 7, 4, 5, 4, 6, 4, 5, 4);
        var nibble = Vector256.Create((byte)15);
        var low = bytes & nibble;
        var high = (bytes.AsUInt16() >>> 4).AsByte() & nibble;
        return Avx2.IsSupported
            ? Vector256.Min(Avx2.Shuffle(Vector256.Create(lowNibble, lowNibble), low), Avx2.Shuffle(Vector256.Create(highNibble, highNibble), high))
            : Vector256.Create(
                Vector128.Min(Vector128.Shuffle(lowNibble, low.GetLower()), Vector128.Shuffle(highNibble, high.GetLower())),
                Vector128.Min(Vector128.Shuffle(lowNibble, low.GetUpper()), Vector128.Shuffle(highNibble, high.GetUpper())));
    }

    /// <summary>sums[row] += values[leaves[row]].</summary>
    private static void Add(ReadOnlySpan<double> values, ReadOnlySpan<byte> leaves, Span<double> sums)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var leaf = ref MemoryMarshal.GetReference(leaves);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var row = 0;
        for (; row + 4 <= sums.Length; row += 4)
        {
            ref var four = ref Unsafe.Add(ref leaf, row);
            var added = Vector256.Create(
                Unsafe.Add(ref value, four), Unsafe.Add(ref value, Unsafe.Add(ref four, 1)), Unsafe.Add(ref value, Unsafe.Add(ref four, 2)), Unsafe.Add(ref value, Unsafe.Add(ref four, 3)));
            (Vector256.LoadUnsafe(ref sum, (nuint)row) + added).StoreUnsafe(ref sum, (nuint)row);
        }
        for (; row < sums.Length; row++) sums[row] += values[leaves[row]];
    }
}
