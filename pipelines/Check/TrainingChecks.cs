using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Pipelines.Train;
using Recs.Ranker.Evaluation;

namespace Recs.Pipelines.Check;

/// <summary>
/// What is wrong, or looks wrong, with rows before anything is learnt from them: columns that say nothing, that have moved between training and validation, or that alone
/// tell the label too well; and how often each action follows, day by day. Values that are missing or not finite never come so far: reading refuses them.
/// </summary>
internal static class TrainingChecks
{
    /// <summary>Population stability index from which a column counts as moved; .25 is the custom of credit scoring.</summary>
    public const double MovedPsi = 0.25;

    /// <summary>Area under the curve from which one column alone is too good to be known beforehand.</summary>
    public const double LeakingAuc = 0.98;

    private const int Bins = 10;

    /// <param name="table">The rows.</param>
    /// <param name="valid">The first row of validation.</param>
    /// <param name="end">The row after the last of validation.</param>
    public static TrainingCheckResult Run(TrainingTable table, int valid, int end)
    {
        var columns = new ColumnCheck[table.Schema.Width];
        var heads = table.Labels.Where(label => label.Key != InteractionType.Dwell).OrderBy(label => label.Key)
            .Select(label => (Name: ActionNames.Of(label.Key), Labels: label.Value.AsSpan(0, valid).ToArray().Select(value => value > 0).ToArray())).ToList();
        Parallel.For(0, columns.Length, column =>
        {
            float[] Values(int from, int to)
            {
                var values = new float[to - from];
                for (var row = from; row < to; row++) values[row - from] = table.Features[row * table.Schema.Width + column];
                return values;
            }
            var (train, later) = (Values(0, valid), Values(valid, end));
            var auc = heads.ToDictionary(head => head.Name, head => Alone(train, head.Labels));
            var sorted = train.Order().ToArray();
            columns[column] = new(table.Schema.Columns[column], sorted.Length == 0 || sorted[0] == sorted[^1], CommonShare(sorted), later.Length == 0 ? 0 : Psi(sorted, later), auc);
        });
        List<string> errors = [], warnings = [];
        foreach (var column in columns)
        {
            if (column.Constant) warnings.Add($"{column.Name} is the same in every training row: it says nothing");
            if (column.Psi >= MovedPsi) warnings.Add(FormattableString.Invariant($"{column.Name} has moved between training and validation: PSI {column.Psi:0.00}, limit {MovedPsi}"));
            foreach (var (head, auc) in column.AucAlone)
                if (auc >= LeakingAuc) errors.Add(FormattableString.Invariant($"{column.Name} alone has an AUC of {auc:0.0000} for {head}, limit {LeakingAuc}: it must know what happened afterwards"));
        }
        foreach (var (name, labels) in heads)
            if (labels.Distinct().Count() < 2) errors.Add($"every training row has the same label for {name}");
        return new(table.Rows, errors, warnings, columns, RatesByDay(table));
    }

    // 0.5 to 1: a column that orders the other way round tells as much.
    private static double Alone(float[] values, bool[] labels)
    {
        var auc = RankingMetrics.Auc(values, labels);
        return double.IsNaN(auc) ? 0.5 : Math.Max(auc, 1 - auc);
    }

    private static double CommonShare(float[] sorted)
    {
        int best = 0, run = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
            best = Math.Max(best, run);
        }
        return sorted.Length == 0 ? 0 : (double)best / sorted.Length;
    }

    /// <summary>Σ (share later − share before) · ln(share later / share before) over tenths of the training values; an empty bin counts as half a row.</summary>
    public static double Psi(float[] sorted, float[] later)
    {
        if (sorted.Length == 0 || later.Length == 0) return 0;
        var edges = Enumerable.Range(1, Bins - 1).Select(bin => sorted[(int)((long)sorted.Length * bin / Bins)]).Distinct().ToArray();
        double[] Shares(IReadOnlyCollection<float> values)
        {
            var counts = new double[edges.Length + 1];
            foreach (var value in values)
            {
                var at = Array.BinarySearch(edges, value);
                counts[at >= 0 ? at + 1 : ~at]++;
            }
            return [.. counts.Select(count => Math.Max(count, 0.5) / values.Count)];
        }
        return Shares(sorted).Zip(Shares(later), (before, after) => (after - before) * Math.Log(after / before)).Sum();
    }

    private static List<DayRate> RatesByDay(TrainingTable table)
    {
        List<DayRate> days = [];
        for (var first = 0; first < table.Rows;)
        {
            var day = table.Times[first].DayIndex;
            var end = first;
            while (end < table.Rows && table.Times[end].DayIndex == day) end++;
            days.Add(new(Timestamp.OfDay(day).ToString()[..10], end - first, table.Labels.OrderBy(label => label.Key)
                .ToDictionary(label => ActionNames.Of(label.Key), label => (double)label.Value.AsSpan(first, end - first).ToArray().Average())));
            first = end;
        }
        return days;
    }
}
