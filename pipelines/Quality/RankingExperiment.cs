using Recs.Domain;
using Recs.Pipelines.Datasets;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality;

/// <summary>
/// A data set's protocol, carried out on a replayed log: heads with and without the embedding columns are trained on the first
/// period, stopped and calibrated on the second, and judged on the third, with two counters beside them.
/// </summary>
internal sealed class RankingExperiment
{
    private readonly Dataset _dataset;
    private readonly TrainingOptions _options;

    public RankingExperiment(Dataset dataset, TrainingSet set, Protocol protocol, TrainingOptions options)
    {
        (_dataset, Set, Protocol, _options) = (dataset, set, protocol, options);
        Valid = [.. set.Groups.Where(group => group.Time >= protocol.Valid && group.Time < protocol.Test)];
        Test = [.. set.Groups.Where(group => group.Time >= protocol.Test)];
        (ValidStart, TestStart) = (FirstRow(Valid, "validation"), FirstRow(Test, "test"));
    }

    public TrainingSet Set { get; }

    public Protocol Protocol { get; }

    public IReadOnlyList<TrainingGroup> Valid { get; }

    public IReadOnlyList<TrainingGroup> Test { get; }

    /// <summary>The first row of the validation period; rows before it are learnt from.</summary>
    public int ValidStart { get; }

    /// <summary>The first row of the test period.</summary>
    public int TestStart { get; }

    /// <summary>Trains a head.</summary>
    /// <param name="withEmbeddings">Whether it may read the embedding columns.</param>
    public TrainedHead Train(bool withEmbeddings)
    {
        var columns = withEmbeddings ? null : Set.Schema.OtherColumns.ToArray();
        return HeadTrainer.Train(Set, ..ValidStart, ValidStart..TestStart, _dataset.Action, columns, _options);
    }

    /// <summary>Probabilities of the rows from <see cref="ValidStart"/> on; earlier rows stay 0.</summary>
    public float[] Score(Head head)
    {
        var scores = new float[Set.Rows];
        Parallel.For(ValidStart, Set.Rows, row => scores[row] = head.Probability(Set.Row(row)));
        return scores;
    }

    /// <summary>The baseline that needs no learning: the log-odds of the item's and of the user's smoothed rates, added up.</summary>
    public float[] ScoreByTwoCounters()
    {
        int item = Rate("item_rate_total"), user = Rate("user_rate_total");
        var scores = new float[Set.Rows];
        for (var row = ValidStart; row < Set.Rows; row++)
        {
            var features = Set.Row(row);
            scores[row] = (float)(1 / (1 + Math.Exp(-(LogOdds(features[item]) + LogOdds(features[user])))));
        }
        return scores;
    }

    /// <summary>The measures of a period.</summary>
    public QualityMetrics Judge(IReadOnlyList<TrainingGroup> period, float[] scores) => QualityMetrics.Of(Set, period, scores, Protocol.ByUser);

    private int Rate(string column) => Set.Schema.Find(column) is >= 0 and var at ? at : throw new RefusedException($"the two counters of the baseline need the column {column}, which the features file does not make");

    private static double LogOdds(float rate)
    {
        var held = Math.Clamp(rate, 1e-4, 1 - 1e-4);
        return Math.Log(held / (1 - held));
    }

    private static int FirstRow(IReadOnlyList<TrainingGroup> period, string name) => period.Count > 0
        ? period[0].First
        : throw new RefusedException($"the {name} period holds no impressions; the data ends too early for this protocol");
}
