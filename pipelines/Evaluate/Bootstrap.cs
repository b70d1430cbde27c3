using Recs.Pipelines.Quality;
using Recs.Ranker.Evaluation;

namespace Recs.Pipelines.Evaluate;

/// <summary>
/// 95 % intervals by drawing users again with replacement: rows of one user are alike, so users, not rows, are what varies. Rankings of the same rows share the draws, so that
/// differences are paired. The same seed gives the same intervals.
/// </summary>
internal static class Bootstrap
{
    public const int Draws = 300;

    /// <param name="rankings">The model first, then its ablations; all over the same rows.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="cancel">Stops between draws.</param>
    /// <returns>By <c>auc</c>, <c>logloss</c>, <c>uauc</c>, and for each ablation <c>auc minus NAME</c>.</returns>
    public static IReadOnlyDictionary<string, QualityInterval> Intervals(IReadOnlyList<(string Name, JudgedRows Rows)> rankings, int seed, CancellationToken cancel)
    {
        if (rankings.Count == 0) return new Dictionary<string, QualityInterval>();
        var users = JudgedRows.PlacesBy(rankings[0].Rows.Users).Where(places => places.Length > 0).ToArray();
        // A user's own AUC does not change from draw to draw.
        var own = users.Select(places => RankingMetrics.Auc(JudgedRows.Pick(rankings[0].Rows.Probabilities, places), JudgedRows.Pick(rankings[0].Rows.Labels, places))).ToArray();
        var draws = new double[Draws][];
        Parallel.For(0, Draws, new ParallelOptions { CancellationToken = cancel }, draw =>
        {
            var random = new Random(unchecked(seed * 1_000_003 + draw));
            var drawn = new int[users.Length];
            for (var i = 0; i < drawn.Length; i++) drawn[i] = random.Next(users.Length);
            var places = drawn.SelectMany(user => users[user]).ToArray();
            var figures = new double[2 + rankings.Count];
            var labels = JudgedRows.Pick(rankings[0].Rows.Labels, places);
            var scores = JudgedRows.Pick(rankings[0].Rows.Probabilities, places);
            figures[0] = RankingMetrics.LogLoss(scores, labels);
            var aucs = drawn.Select(user => own[user]).Where(double.IsFinite).ToList();
            figures[1] = aucs.Count == 0 ? double.NaN : aucs.Average();
            figures[2] = RankingMetrics.Auc(scores, labels);
            for (var other = 1; other < rankings.Count; other++)
                figures[2 + other] = figures[2] - RankingMetrics.Auc(JudgedRows.Pick(rankings[other].Rows.Probabilities, places), labels);
            draws[draw] = figures;
        });
        Dictionary<string, QualityInterval> intervals = [];
        void Add(string name, int at)
        {
            if (Interval.Of(draws.Select(figures => figures[at])) is { } interval) intervals[name] = interval;
        }
        Add("auc", 2);
        Add("uauc", 1);
        Add("logloss", 0);
        for (var other = 1; other < rankings.Count; other++) Add($"auc minus {rankings[other].Name}", 2 + other);
        return intervals;
    }
}
