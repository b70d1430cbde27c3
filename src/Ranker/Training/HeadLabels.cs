using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ranker.Training;

/// <summary>What followed on the rows of a training set, for any action: rows do not depend on what is predicted, so several heads share them.</summary>
public static class HeadLabels
{
    /// <summary>Of each row, how much of the action followed on the same request and item: 1 or 0; of a dwell the longest, in seconds.</summary>
    /// <param name="facts">The log that the set was replayed from.</param>
    /// <param name="set">The rows.</param>
    /// <param name="action">What is asked for.</param>
    /// <returns>[rows]</returns>
    public static float[] Of(IEnumerable<Fact> facts, TrainingSet set, InteractionType action)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(set);
        var rows = RowsByRequest(set);
        var labels = new float[set.Rows];
        foreach (var (source, _) in facts)
        {
            if (source is not Interaction { Request: { } request } interaction || interaction.Action != action) continue;
            if (!rows.TryGetValue((request, interaction.Item), out var row)) continue;
            labels[row] = Math.Max(labels[row], action == InteractionType.Dwell ? interaction.DwellMilliseconds / 1000f : 1);
        }
        return labels;
    }

    /// <summary>
    /// Of each row, 1 / the propensity with which it was shown, held at <paramref name="most"/> or less so that no single row outweighs all others;
    /// 1 where none was logged. Source: inverse propensity weighting (Horvitz and Thompson, 1952), clipped (Ionides, 2008).
    /// </summary>
    /// <returns>[rows], or null where no row has a propensity.</returns>
    public static float[]? InversePropensities(IEnumerable<Fact> facts, TrainingSet set, float most = 100)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(set);
        var rows = RowsByRequest(set);
        float[]? weights = null;
        foreach (var (source, _) in facts)
        {
            if (source is not Impression impression) continue;
            foreach (var shown in impression.Items)
            {
                if (shown.Propensity is not { } propensity || !rows.TryGetValue((impression.Request, shown.Item), out var row)) continue;
                if (weights is null) (weights = new float[set.Rows]).AsSpan().Fill(1);
                weights[row] = (float)Math.Min(most, 1 / propensity);
            }
        }
        return weights;
    }

    private static Dictionary<(RequestId, ItemId), int> RowsByRequest(TrainingSet set)
    {
        Dictionary<(RequestId, ItemId), int> rows = new(set.Rows);
        foreach (var group in set.Groups)
            for (var row = group.First; row < group.First + group.Count; row++)
                CollectionsMarshal.GetValueRefOrAddDefault(rows, (group.Request, set.Items[row]), out _) = row;
        return rows;
    }
}
