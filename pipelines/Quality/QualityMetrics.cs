using Recs.Ranker.Evaluation;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality;

/// <summary>Measures of one ranking over one period. NaN (written as null) where a class is missing.</summary>
internal sealed record QualityMetrics
{
    /// <summary>Over all rows.</summary>
    public required double Auc { get; init; }

    /// <summary>Mean over the users with both classes of the AUC of their rows.</summary>
    public required double Uauc { get; init; }

    public required double Logloss { get; init; }

    /// <summary>Mean over the lists with both classes.</summary>
    public required double NdcgAt10 { get; init; }

    /// <summary>Share of those lists with a positive among the best ten.</summary>
    public required double HrAt10 { get; init; }

    /// <summary>Expected calibration error over 15 bins.</summary>
    public required double Ece { get; init; }

    /// <summary>AUC over the rows of cold items.</summary>
    public required double ColdAuc { get; init; }

    /// <param name="set">All rows.</param>
    /// <param name="period">The groups to judge.</param>
    /// <param name="scores">One probability for each row of the set.</param>
    /// <param name="byUser">Whether a list is a user's rows, not an impression's.</param>
    public static QualityMetrics Of(TrainingSet set, IReadOnlyList<TrainingGroup> period, float[] scores, bool byUser)
    {
        var rows = period.SelectMany(group => Enumerable.Range(group.First, group.Count)).ToArray();
        var users = period.GroupBy(group => group.User).Select(groups => Rows(groups)).ToList();
        var lists = byUser ? users : [.. period.Select(group => Rows([group]))];
        var cold = rows.Where(row => set.Cold[row]).ToArray();
        var judged = lists.Select(list => (Scores: Pick(scores, list), Labels: Pick(set.Labels, list)))
            .Where(list => list.Labels.Contains(true) && list.Labels.Contains(false)).ToList();
        var aucs = users.Select(list => RankingMetrics.Auc(Pick(scores, list), Pick(set.Labels, list))).Where(auc => !double.IsNaN(auc)).ToList();
        return new()
        {
            Auc = RankingMetrics.Auc(Pick(scores, rows), Pick(set.Labels, rows)),
            Uauc = aucs.Count == 0 ? double.NaN : aucs.Average(),
            Logloss = RankingMetrics.LogLoss(Pick(scores, rows), Pick(set.Labels, rows)),
            NdcgAt10 = judged.Count == 0 ? double.NaN : judged.Average(list => RankingMetrics.Ndcg(list.Scores, list.Labels, 10)),
            HrAt10 = judged.Count == 0 ? double.NaN : judged.Average(list => RankingMetrics.Hit(list.Scores, list.Labels, 10) ? 1.0 : 0),
            Ece = RankingMetrics.CalibrationError(Pick(scores, rows), Pick(set.Labels, rows)),
            ColdAuc = RankingMetrics.Auc(Pick(scores, cold), Pick(set.Labels, cold)),
        };
    }

    private static int[] Rows(IEnumerable<TrainingGroup> groups) => [.. groups.SelectMany(group => Enumerable.Range(group.First, group.Count))];

    private static T[] Pick<T>(T[] values, int[] rows)
    {
        var picked = new T[rows.Length];
        for (var i = 0; i < rows.Length; i++) picked[i] = values[rows[i]];
        return picked;
    }
}
