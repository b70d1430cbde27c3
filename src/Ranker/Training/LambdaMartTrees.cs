using Recs.Domain.Events;
using Recs.Ranker.Evaluation;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>How many of a forest's first trees order lists best.</summary>
internal static class LambdaMartTrees
{
    /// <summary>Looked at after so many trees each time.</summary>
    private const int Step = 5;

    /// <param name="trees">In the order of their growing.</param>
    /// <param name="rows">With lists.</param>
    /// <param name="first">The first row to judge by.</param>
    /// <param name="count">Rows to judge by.</param>
    /// <param name="columns">Columns that the trees read, or null for all.</param>
    /// <param name="patience">Trees without progress after which looking stops.</param>
    /// <returns>At least 1; all of them where no list has both classes.</returns>
    public static int Best(IReadOnlyList<RegressionForest.Tree> trees, LabelledRows rows, int first, int count, int[]? columns, int patience)
    {
        var lists = Enumerable.Range(0, count).GroupBy(at => rows.Lists![first + at]).Select(list => list.ToArray())
            .Where(list => list.Any(at => rows.Labels[first + at]) && list.Any(at => !rows.Labels[first + at])).ToList();
        if (lists.Count == 0) return trees.Count;
        var labels = lists.Select(list => list.Select(at => rows.Labels[first + at]).ToArray()).ToList();
        var scores = new double[count];
        var (best, gained) = (trees.Count, double.NegativeInfinity);
        for (var grown = 0; grown < trees.Count;)
        {
            var step = new RegressionForest([.. trees.Skip(grown).Take(Step)]);
            var part = new Head(InteractionType.Click, step, new PlattCalibration(1, 0), columns);
            Parallel.For(0, count, at => scores[at] += part.Score(rows.Row(first + at)));
            grown = Math.Min(grown + Step, trees.Count);
            var sums = new double[lists.Count];
            Parallel.For(0, lists.Count, list => sums[list] = RankingMetrics.Ndcg([.. lists[list].Select(at => (float)scores[at])], labels[list], 10));
            if (sums.Average() is var mean && mean > gained) (best, gained) = (grown, mean);
            else if (grown - best >= patience) break;
        }
        return best;
    }
}
