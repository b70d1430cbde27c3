using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Pipelines.Quality;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Train;

/// <summary>Rows to learn from or to judge by, in order of time, with what followed for each head. All arrays are of one length, but the features'.</summary>
/// <param name="Schema">The columns.</param>
/// <param name="EmbeddingVersion">Of the vectors behind them, or "none".</param>
/// <param name="Features">[rows × columns], row-major, finite.</param>
/// <param name="Labels">By action: 1 or 0; of dwell the seconds.</param>
/// <param name="Times">When each row was shown.</param>
/// <param name="Users">Whose row it is, as a number from 0.</param>
/// <param name="Lists">The impression, as a number from 0.</param>
/// <param name="Cold">Whether the item was new.</param>
/// <param name="Weights">What a row counts for, or null where all count the same.</param>
internal sealed record TrainingTable(
    FeatureSchema Schema, string EmbeddingVersion, float[] Features, IReadOnlyDictionary<InteractionType, float[]> Labels, Timestamp[] Times, int[] Users, int[] Lists, bool[] Cold, float[]? Weights)
{
    public int Rows => Times.Length;

    /// <summary>The rows with the labels of one head.</summary>
    public LabelledRows For(InteractionType action)
    {
        var labels = Labels[action];
        return new(Schema.Width, Features, [.. labels.Select(label => label > 0)]) { Weights = Weights, Lists = Lists, Amounts = action == InteractionType.Dwell ? labels : null };
    }

    /// <summary>The first row that was shown at <paramref name="moment"/> or later.</summary>
    public int RowOf(Timestamp moment)
    {
        int low = 0, high = Rows;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Times[middle] < moment) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>A head's predictions over some rows.</summary>
    public JudgedRows Judge(Head head, Range rows)
    {
        var (first, count) = rows.GetOffsetAndLength(Rows);
        var predicted = new float[count];
        Parallel.For(0, count, at => predicted[at] = head.Probability(Features.AsSpan((first + at) * Schema.Width, Schema.Width)));
        var labels = Labels[head.Action];
        return new(Users[first..(first + count)], Renumbered(Lists.AsSpan(first, count)), [.. labels.Skip(first).Take(count).Select(label => label > 0)], predicted, Cold[first..(first + count)]);
    }

    /// <summary>Some rows with what was predicted of them.</summary>
    public JudgedRows Judged(int[] places, InteractionType action, float[] predicted)
    {
        var labels = Labels[action];
        return new(JudgedRows.Pick(Users, places), Renumbered(JudgedRows.Pick(Lists, places)), [.. places.Select(row => labels[row] > 0)], predicted, JudgedRows.Pick(Cold, places));
    }

    private static int[] Renumbered(ReadOnlySpan<int> lists)
    {
        Dictionary<int, int> numbers = [];
        var renumbered = new int[lists.Length];
        for (var i = 0; i < lists.Length; i++)
        {
            if (!numbers.TryGetValue(lists[i], out var number)) numbers.Add(lists[i], number = numbers.Count);
            renumbered[i] = number;
        }
        return renumbered;
    }
}
