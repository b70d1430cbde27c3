namespace Recs.Ranker.Training;

/// <summary>What a head is learnt from: rows of numbers with what happened. Where the numbers come from does not matter here. Arrays are shared, not copied.</summary>
public sealed class LabelledRows
{
    /// <param name="width">Numbers in a row, at least 1.</param>
    /// <param name="features">[rows × width], row-major, finite.</param>
    /// <param name="labels">Whether the action followed. [rows]</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public LabelledRows(int width, float[] features, bool[] labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (features.Length != (long)labels.Length * width) throw new ArgumentException($"{features.Length} numbers for {labels.Length} rows of {width}", nameof(features));
        (Width, Features, Labels) = (width, features, labels);
    }

    /// <summary>Numbers in a row.</summary>
    public int Width { get; }

    /// <summary>Rows in all.</summary>
    public int Rows => Labels.Length;

    /// <summary>[rows × width], row-major.</summary>
    public float[] Features { get; }

    /// <summary>Whether the action followed. [rows]</summary>
    public bool[] Labels { get; }

    /// <summary>What a row counts for, above 0, or null where all count the same: 1 / propensity takes the logging policy's choice out. [rows]</summary>
    public float[]? Weights { get; init; }

    /// <summary>How much of it, 0 or more, for heads that predict an amount (seconds of dwell); null elsewhere. [rows]</summary>
    public float[]? Amounts { get; init; }

    /// <summary>The list that each row stands in, as a number from 0, for learners that compare rows of a list; null where there are no lists. [rows]</summary>
    public int[]? Lists { get; init; }

    /// <summary>One row's features. [width]</summary>
    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Width, Width);

    /// <summary>The rows of a training set, its impressions as the lists.</summary>
    public static LabelledRows Of(TrainingSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        int[]? lists = null;
        if (set.Groups.Count > 0)
        {
            lists = new int[set.Rows];
            for (var group = 0; group < set.Groups.Count; group++) lists.AsSpan(set.Groups[group].First, set.Groups[group].Count).Fill(group);
        }
        return new(set.Width, set.Features, set.Labels) { Lists = lists };
    }
}
