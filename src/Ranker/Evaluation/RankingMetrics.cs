namespace Recs.Ranker.Evaluation;

/// <summary>Measures of a ranking. Pure; safe from any thread.</summary>
public static class RankingMetrics
{
    /// <summary>
    /// Area under the ROC curve: the probability that a positive stands above a negative, ties counting half.
    /// NaN unless both classes are there; a score that is NaN stands below all others. Source: Mann–Whitney U by ranks.
    /// </summary>
    public static double Auc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> labels)
    {
        var keys = scores.ToArray();
        var positive = labels.ToArray();
        Array.Sort(keys, positive);
        double ranks = 0;
        long positives = 0;
        for (var start = 0; start < keys.Length;)
        {
            var end = start;
            var tied = 0L;
            while (end < keys.Length && keys[end].Equals(keys[start])) tied += positive[end++] ? 1 : 0;
            ranks += tied * (start + 1 + end) / 2.0; // the mean of the ranks start + 1 … end
            positives += tied;
            start = end;
        }
        var negatives = keys.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (ranks - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }

    /// <summary>
    /// nDCG at <paramref name="k"/> of one list with yes-or-no gains: Σ over the best k of gain / log2(1 + rank), over the same of the
    /// ideal order. Ties keep the order of the rows. 0 without a positive.
    /// </summary>
    public static double Ndcg(ReadOnlySpan<float> scores, ReadOnlySpan<bool> labels, int k)
    {
        var order = Order(scores);
        double gained = 0, ideal = 0;
        var positives = 0;
        foreach (var label in labels) positives += label ? 1 : 0;
        for (var rank = 0; rank < Math.Min(k, order.Length); rank++)
        {
            var discount = 1 / Math.Log2(rank + 2);
            if (labels[order[rank]]) gained += discount;
            if (rank < positives) ideal += discount;
        }
        return ideal == 0 ? 0 : gained / ideal;
    }

    /// <summary>Whether a positive is among the best <paramref name="k"/>.</summary>
    public static bool Hit(ReadOnlySpan<float> scores, ReadOnlySpan<bool> labels, int k)
    {
        var order = Order(scores);
        for (var rank = 0; rank < Math.Min(k, order.Length); rank++)
            if (labels[order[rank]]) return true;
        return false;
    }

    /// <summary>Mean of −log(probability of what happened); probabilities are held within [1e-7, 1 − 1e-7].</summary>
    public static double LogLoss(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var p = Math.Clamp((double)probabilities[i], 1e-7, 1 - 1e-7);
            sum -= Math.Log(labels[i] ? p : 1 - p);
        }
        return labels.Length == 0 ? double.NaN : sum / labels.Length;
    }

    /// <summary>Expected calibration error over <paramref name="bins"/> equal spans of probability: Σ share · |mean predicted − mean observed|.</summary>
    public static double CalibrationError(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, int bins = 15)
    {
        var predicted = new double[bins];
        var observed = new double[bins];
        for (var i = 0; i < labels.Length; i++)
        {
            var bin = Math.Clamp((int)(probabilities[i] * bins), 0, bins - 1);
            predicted[bin] += probabilities[i];
            observed[bin] += labels[i] ? 1 : 0;
        }
        var error = 0.0;
        for (var bin = 0; bin < bins; bin++) error += Math.Abs(predicted[bin] - observed[bin]);
        return labels.Length == 0 ? double.NaN : error / labels.Length;
    }

    private static int[] Order(ReadOnlySpan<float> scores)
    {
        var keys = scores.ToArray();
        var order = new int[keys.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));
        return order;
    }
}
