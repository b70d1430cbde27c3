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
    public static QualityMetrics Of(TrainingSet set, IReadOnlyList<TrainingGroup> period, float[] scores, bool byUser) => Of(JudgedRows.Of(set, period, scores, byUser));

    public static QualityMetrics Of(JudgedRows rows)
    {
        var lists = JudgedRows.PlacesBy(rows.Lists).Select(list => (Scores: JudgedRows.Pick(rows.Probabilities, list), Labels: JudgedRows.Pick(rows.Labels, list)))
            .Where(list => list.Labels.Contains(true) && list.Labels.Contains(false)).ToList();
        var aucs = JudgedRows.PlacesBy(rows.Users).Select(user => RankingMetrics.Auc(JudgedRows.Pick(rows.Probabilities, user), JudgedRows.Pick(rows.Labels, user)))
            .Where(auc => !double.IsNaN(auc)).ToList();
        var cold = rows.Where(row => rows.Cold[row]);
        return new()
        {
            Auc = RankingMetrics.Auc(rows.Probabilities, rows.Labels),
            Uauc = aucs.Count == 0 ? double.NaN : aucs.Average(),
            Logloss = RankingMetrics.LogLoss(rows.Probabilities, rows.Labels),
            NdcgAt10 = lists.Count == 0 ? double.NaN : lists.Average(list => RankingMetrics.Ndcg(list.Scores, list.Labels, 10)),
            HrAt10 = lists.Count == 0 ? double.NaN : lists.Average(list => RankingMetrics.Hit(list.Scores, list.Labels, 10) ? 1.0 : 0),
            Ece = RankingMetrics.CalibrationError(rows.Probabilities, rows.Labels),
            ColdAuc = RankingMetrics.Auc(cold.Probabilities, cold.Labels),
        };
    }
}
