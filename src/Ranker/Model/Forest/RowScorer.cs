using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Recs.Ranker.Model.Forest;

/// <summary>One row through all trees.</summary>
internal abstract class RowScorer
{
    /// <summary>The sum over the trees in their order, with the bits of <see cref="TreeWalk.Score"/>.</summary>
    public abstract double Score(ReadOnlySpan<float> row);

    /// <returns>Null when a tree has more than 64 leaves or a feature more than <see cref="ThresholdRanks.Most"/> thresholds.</returns>
    public static RowScorer? TryCreate(IReadOnlyList<RegressionForest.Tree> trees, ThresholdRanks ranks)
    {
        if (trees.Count > ushort.MaxValue || trees.Any(tree => tree.Leaves.Count > 64 || !tree.Features.All(feature => ranks.TryFind(feature, out _)))) return null;
        return trees.All(tree => tree.Leaves.Count <= 32) ? new RowScorer<uint>(trees, ranks) : new RowScorer<ulong>(trees, ranks);
    }
}

/// <summary>
/// QuickScorer for one row. A tree has a word with a bit for each leaf; the splits of a feature, sorted by threshold, each clear the leaves on their left
/// when the row goes right there, and these are the first so many of the list. The words after every so many splits of the list are kept, so that
/// a feature costs one AND over all trees and a few single splits. The lowest bit left in a tree's word is its leaf.
/// Source: QuickScorer (Lucchese et al., SIGIR 2015); the kept words are ours. Immutable; safe from any thread.
/// </summary>
/// <typeparam name="TWord">As wide as the largest tree has leaves.</typeparam>
internal sealed class RowScorer<TWord> : RowScorer
    where TWord : unmanaged, IBinaryInteger<TWord>
{
    /// <summary>Words kept, in bytes at most: they should stay in a processor's cache.</summary>
    private const long MostKeptBytes = 4 << 20;

    private readonly ThresholdRanks _ranks;
    private readonly int _trees;
    // Trees rounded up to whole vectors.
    private readonly int _stride;
    private readonly int[] _firstLeaf;
    private readonly double[] _leaves;
    // Splits by slot and threshold: the tree, and the leaves that stay.
    private readonly ushort[] _tree;
    private readonly TWord[] _stays;
    // [slots × 256]: where the splits end that a row of this rank goes right at.
    private readonly int[] _end;
    private readonly int[] _begin;
    // After each run of 2^shift splits of a slot the words of all trees: [runs × stride].
    private readonly int _shift;
    private readonly int[] _firstKept;
    private readonly TWord[] _kept;

    public RowScorer(IReadOnlyList<RegressionForest.Tree> trees, ThresholdRanks ranks)
    {
        _ranks = ranks;
        _trees = trees.Count;
        var step = Vector256<TWord>.Count;
        _stride = Math.Max(1, (trees.Count + step - 1) / step) * step;
        _firstLeaf = new int[trees.Count];
        _leaves = new double[trees.Sum(tree => tree.Leaves.Count)];
        var splits = new List<(int Slot, byte Rank, ushort Tree, TWord Stays)>();
        for (int t = 0, leaf = 0; t < trees.Count; t++)
        {
            var order = LeafOrder.Of(trees[t]);
            _firstLeaf[t] = leaf;
            foreach (var number in order.Leaves) _leaves[leaf++] = trees[t].Leaves[number];
            for (var split = 0; split < trees[t].Features.Count; split++)
            {
                ranks.TryFind(trees[t].Features[split], out var slot);
                var (from, to) = order.Left[split];
                // to − from < the word's bits: the right side has a leaf too.
                splits.Add((slot, ranks.Of(slot, trees[t].Thresholds[split]), (ushort)t, ~(((TWord.One << (to - from)) - TWord.One) << from)));
            }
        }
        splits.Sort((a, b) => (a.Slot, a.Rank, a.Tree).CompareTo((b.Slot, b.Rank, b.Tree)));
        _tree = [.. splits.Select(split => split.Tree)];
        _stays = [.. splits.Select(split => split.Stays)];
        _begin = new int[ranks.Slots + 1];
        _end = new int[ranks.Slots * 256];
        for (int slot = 0, at = 0; slot < ranks.Slots; slot++)
        {
            _begin[slot] = at;
            for (var rank = 0; rank < 256; rank++)
            {
                while (at < splits.Count && splits[at].Slot == slot && splits[at].Rank < rank) at++;
                _end[slot * 256 + rank] = at;
            }
            _begin[slot + 1] = at;
        }
        for (_shift = 5; ((long)splits.Count * _stride * Unsafe.SizeOf<TWord>() >> _shift) > MostKeptBytes; _shift++) { }
        (_firstKept, _kept) = Keep();
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> row)
    {
        var slots = _ranks.Slots;
        var ranks = ArrayPool<byte>.Shared.Rent(slots);
        var places = ArrayPool<int>.Shared.Rent(slots * 3);
        var words = ArrayPool<TWord>.Shared.Rent(_stride);
        _ranks.Rank(row, ranks);
        Span<int> kept = places.AsSpan(0, slots), from = places.AsSpan(slots, slots), to = places.AsSpan(2 * slots, slots);
        var dense = 0;
        for (var slot = 0; slot < slots; slot++)
        {
            var (begin, end) = (_begin[slot], _end[slot * 256 + ranks[slot]]);
            var runs = (end - begin) >> _shift;
            if (runs > 0) kept[dense++] = _firstKept[slot] + (runs - 1) * _stride;
            (from[slot], to[slot]) = (begin + (runs << _shift), end);
        }
        words.AsSpan(0, _stride).Fill(TWord.AllBitsSet);
        Intersect(kept[..dense], words);
        for (var slot = 0; slot < from.Length; slot++) Clear(words, from[slot], to[slot]);
        var sum = Sum(words);
        ArrayPool<byte>.Shared.Return(ranks);
        ArrayPool<int>.Shared.Return(places);
        ArrayPool<TWord>.Shared.Return(words);
        return sum;
    }

    /// <summary>Words &amp;= the kept words at each place; four places at once, each read from one end to the other as processors like it.</summary>
    private void Intersect(ReadOnlySpan<int> kept, TWord[] words)
    {
        ref var source = ref MemoryMarshal.GetArrayDataReference(_kept);
        ref var target = ref MemoryMarshal.GetArrayDataReference(words);
        var (size, end) = ((nuint)Vector256<TWord>.Count, (nuint)_stride);
        var place = 0;
        for (; place + 4 <= kept.Length; place += 4)
        {
            ref var a = ref Unsafe.Add(ref source, kept[place]);
            ref var b = ref Unsafe.Add(ref source, kept[place + 1]);
            ref var c = ref Unsafe.Add(ref source, kept[place + 2]);
            ref var d = ref Unsafe.Add(ref source, kept[place + 3]);
            for (nuint tree = 0; tree < end; tree += size)
            {
                var stays = Vector256.LoadUnsafe(ref a, tree) & Vector256.LoadUnsafe(ref b, tree) & Vector256.LoadUnsafe(ref c, tree) & Vector256.LoadUnsafe(ref d, tree);
                (Vector256.LoadUnsafe(ref target, tree) & stays).StoreUnsafe(ref target, tree);
            }
        }
        for (; place < kept.Length; place++)
        {
            ref var a = ref Unsafe.Add(ref source, kept[place]);
            for (nuint tree = 0; tree < end; tree += size) (Vector256.LoadUnsafe(ref target, tree) & Vector256.LoadUnsafe(ref a, tree)).StoreUnsafe(ref target, tree);
        }
    }

    // Every index below was made by the constructor, within its array: references spare the checks, and loads of the arrays themselves.

    private void Clear(TWord[] words, int from, int to)
    {
        ref var word = ref MemoryMarshal.GetArrayDataReference(words);
        ref var tree = ref MemoryMarshal.GetArrayDataReference(_tree);
        ref var stays = ref MemoryMarshal.GetArrayDataReference(_stays);
        for (var split = from; split < to; split++) Unsafe.Add(ref word, (nuint)Unsafe.Add(ref tree, split)) &= Unsafe.Add(ref stays, split);
    }

    private double Sum(TWord[] words)
    {
        ref var word = ref MemoryMarshal.GetArrayDataReference(words);
        ref var leaf = ref MemoryMarshal.GetArrayDataReference(_leaves);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_firstLeaf);
        var sum = 0.0;
        for (nuint tree = 0; tree < (nuint)_trees; tree++) sum += Unsafe.Add(ref leaf, Unsafe.Add(ref first, tree) + LowestBit(Unsafe.Add(ref word, tree)));
        return sum;
    }

    private static int LowestBit(TWord word) =>
        typeof(TWord) == typeof(uint) ? BitOperations.TrailingZeroCount(Unsafe.BitCast<TWord, uint>(word)) : BitOperations.TrailingZeroCount(Unsafe.BitCast<TWord, ulong>(word));

    private (int[] First, TWord[] Kept) Keep()
    {
        var first = new int[_ranks.Slots];
        var kept = new List<TWord>();
        var words = new TWord[_stride];
        for (var slot = 0; slot < first.Length; slot++)
        {
            first[slot] = kept.Count;
            Array.Fill(words, TWord.AllBitsSet);
            for (var split = _begin[slot]; split < _begin[slot + 1]; split++)
            {
                words[_tree[split]] &= _stays[split];
                if (((split + 1 - _begin[slot]) & ((1 << _shift) - 1)) == 0) kept.AddRange(words);
            }
        }
        return (first, [.. kept]);
    }
}
