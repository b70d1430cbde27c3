using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Recs.Ranker.Model.Forest;

/// <summary>
/// The distinct thresholds of each feature in rising order. The rank of a value is the number of thresholds below it, so
/// value ≤ threshold k ⇔ rank ≤ k: trees can compare bytes instead of floats and lose nothing. A NaN is below no threshold and ranks above
/// all of them (it goes right at every split, as in ML.NET's trees).
/// Source: the quantised form of RapidScorer (Ye et al., KDD 2018). Immutable; safe from any thread.
/// </summary>
internal sealed class ThresholdRanks
{
    /// <summary>Thresholds a feature may have: one fewer than a byte tells apart. Learners that put values in 255 bins stay within it.</summary>
    public const int Most = 255;

    /// <summary>Values whose ranks are kept side by side: the rows of a block.</summary>
    public const int Block = 128;

    private const int Bucket = 16, Buckets = 16;

    private readonly Dictionary<int, int> _slots;
    private readonly int[] _features;
    private readonly int[] _counts;
    // [slots × 256], filled up with +∞; [slots × 16], the last threshold of each bucket of 16.
    private readonly float[] _thresholds;
    private readonly float[] _pivots;

    /// <param name="splits">Feature and threshold of every split.</param>
    public ThresholdRanks(IEnumerable<(int Feature, float Threshold)> splits)
    {
        var byFeature = splits.GroupBy(split => split.Feature, split => split.Threshold).Select(group => (Feature: group.Key, Thresholds: group.Distinct().Order().ToArray()))
            .Where(group => group.Thresholds.Length <= Most).OrderBy(group => group.Feature).ToArray();
        _features = [.. byFeature.Select(group => group.Feature)];
        _counts = [.. byFeature.Select(group => group.Thresholds.Length)];
        _slots = _features.Select((feature, slot) => (feature, slot)).ToDictionary(pair => pair.feature, pair => pair.slot);
        _thresholds = new float[_features.Length * Bucket * Buckets];
        _pivots = new float[_features.Length * Buckets];
        Array.Fill(_thresholds, float.PositiveInfinity);
        for (var slot = 0; slot < _features.Length; slot++)
        {
            byFeature[slot].Thresholds.CopyTo(_thresholds, slot * Bucket * Buckets);
            for (var bucket = 0; bucket < Buckets; bucket++) _pivots[slot * Buckets + bucket] = _thresholds[(slot * Buckets + bucket) * Bucket + Bucket - 1];
        }
    }

    /// <summary>Features with ranks; each has a slot.</summary>
    public int Slots => _features.Length;

    /// <summary>Thresholds of a slot.</summary>
    public int Count(int slot) => _counts[slot];

    /// <summary>Where a feature's ranks are kept; false when it has more than <see cref="Most"/> thresholds.</summary>
    public bool TryFind(int feature, out int slot) => _slots.TryGetValue(feature, out slot);

    /// <summary>The number of a threshold among those of its slot.</summary>
    public byte Of(int slot, float threshold) => (byte)Array.BinarySearch(_thresholds, slot * Bucket * Buckets, _counts[slot], threshold);

    /// <summary>The ranks of one row.</summary>
    /// <param name="row">Full rows.</param>
    /// <param name="ranks">[<see cref="Slots"/>].</param>
    public void Rank(ReadOnlySpan<float> row, Span<byte> ranks)
    {
        for (var slot = 0; slot < _features.Length; slot++) ranks[slot] = (byte)Rank(slot, row[_features[slot]]);
    }

    /// <summary>The ranks of at most <see cref="Block"/> rows, minus 128 (vectors compare signed bytes).</summary>
    /// <param name="rows">[rows × width].</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="ranks">[<see cref="Slots"/> × <see cref="Block"/>].</param>
    public void RankBlock(ReadOnlySpan<float> rows, int width, Span<byte> ranks)
    {
        var count = rows.Length / width;
        for (var slot = 0; slot < _features.Length; slot++)
        {
            var into = ranks.Slice(slot * Block, count);
            for (int row = 0, at = _features[slot]; row < into.Length; row++, at += width) into[row] = (byte)(Rank(slot, rows[at]) ^ 0x80);
        }
    }

    private int Rank(int slot, float value)
    {
        var bucket = _counts[slot] <= Bucket ? 0 : Math.Min(Below(_pivots, slot * Buckets, value), Buckets - 1);
        return Math.Min(bucket * Bucket + Below(_thresholds, (slot * Buckets + bucket) * Bucket, value), _counts[slot]);
    }

    /// <summary>How many of 16 sorted numbers the value is not at most.</summary>
    private static int Below(float[] sorted, int first, float value)
    {
        ref var at = ref MemoryMarshal.GetReference(sorted.AsSpan(first, Bucket));
        if (Vector512.IsHardwareAccelerated) return Bucket - BitOperations.PopCount(Vector512.LessThanOrEqual(Vector512.Create(value), Vector512.LoadUnsafe(ref at)).ExtractMostSignificantBits());
        var wanted = Vector256.Create(value);
        var low = Vector256.LessThanOrEqual(wanted, Vector256.LoadUnsafe(ref at)).ExtractMostSignificantBits();
        var high = Vector256.LessThanOrEqual(wanted, Vector256.LoadUnsafe(ref at, 8)).ExtractMostSignificantBits();
        return Bucket - BitOperations.PopCount(low | high << 8);
    }
}
