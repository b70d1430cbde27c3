using Recs.Features;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Train;
using Recs.Ranker.Evaluation;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Evaluate;

/// <summary>
/// What a head leans on, over rows it is judged by: the mean absolute contribution of each column (TreeSHAP, where the head can be explained), and how much worse it gets when a
/// column's values, or all of a feature's at once, are dealt out among the rows anew (Breiman 2001; columns that say the same hide each other). Nothing is trained again:
/// an ablation here says what the head loses without a feature, not what a head that never had it would reach. The same seed gives the same figures.
/// </summary>
internal sealed class ColumnImportance(Head head, TrainingTable table, Range rows, int seed)
{
    /// <summary>Rows explained at most, evenly spaced: TreeSHAP takes milliseconds a row.</summary>
    public const int ExplainedRows = 1_000;

    /// <summary>Rows dealt out anew at most, evenly spaced.</summary>
    public const int ShuffledRows = 20_000;

    private readonly FeatureSchema _schema = table.Schema;

    /// <summary>Every column of the schema, the one that matters most first: by contribution where there is one, else by loss.</summary>
    public IReadOnlyList<ImportantColumn> Columns(CancellationToken cancel)
    {
        var contributions = Contributions(cancel);
        var places = Spaced(ShuffledRows);
        var (features, labels) = (Copy(places), places.Select(row => table.Labels[head.Action][row]).ToArray());
        var whole = Loss(features, labels);
        var losses = new double[_schema.Width];
        for (var column = 0; column < losses.Length; column++)
        {
            cancel.ThrowIfCancellationRequested();
            losses[column] = Loss(Shuffled(features, [column]), labels) - whole;
        }
        return [.. Enumerable.Range(0, losses.Length).Select(column => new ImportantColumn(_schema.Columns[column], _schema.Owners[column], contributions?[column], losses[column]))
            .OrderByDescending(column => column.MeanContribution ?? column.Loss)];
    }

    /// <summary>The head's figures with the columns of each feature dealt out anew, and of all embedding columns at once under "embeddings".</summary>
    public IReadOnlyDictionary<string, QualityFigures> Ablations(CancellationToken cancel)
    {
        var places = Spaced(ShuffledRows);
        var features = Copy(places);
        Dictionary<string, QualityFigures> ablations = [];
        foreach (var feature in _schema.Owners.Distinct())
            ablations.Add(feature, Judge([.. Enumerable.Range(0, _schema.Width).Where(column => _schema.Owners[column] == feature)]));
        if (_schema.EmbeddingColumns.Count > 0) ablations.TryAdd("embeddings", Judge([.. _schema.EmbeddingColumns]));
        return ablations;

        QualityFigures Judge(int[] columns)
        {
            cancel.ThrowIfCancellationRequested();
            var predicted = Predict(Shuffled(features, columns), places.Length);
            if (head.IsAmount) return HeadFigures.OfAmount(predicted, [.. places.Select(row => table.Labels[head.Action][row])]);
            return QualityFigures.Of(table.Judged(places, head.Action, predicted));
        }
    }

    private double[]? Contributions(CancellationToken cancel)
    {
        if (!head.CanExplain) return null;
        var places = Spaced(ExplainedRows);
        var own = new double[places.Length][];
        Parallel.For(0, places.Length, new ParallelOptions { CancellationToken = cancel }, at => head.Explain(Row(places[at]), own[at] = new double[_schema.Width]));
        var means = new double[_schema.Width];
        foreach (var contributions in own)
            for (var column = 0; column < means.Length; column++) means[column] += Math.Abs(contributions[column]) / places.Length;
        return means;
    }

    // Of probabilities 1 − AUC, of amounts the root mean squared error: what grows when a head gets worse.
    private double Loss(float[] features, float[] labels)
    {
        var predicted = Predict(features, labels.Length);
        return head.IsAmount ? HeadFigures.OfAmount(predicted, labels).Rmse ?? 0 : 1 - RankingMetrics.Auc(predicted, [.. labels.Select(label => label > 0)]);
    }

    private float[] Predict(float[] features, int count)
    {
        var predicted = new float[count];
        head.Probabilities(features, _schema.Width, predicted);
        return predicted;
    }

    private float[] Shuffled(float[] features, int[] columns)
    {
        var shuffled = features.ToArray();
        var order = Enumerable.Range(0, features.Length / _schema.Width).ToArray();
        new Random(unchecked(seed * 1_000_003 + columns[0])).Shuffle(order);
        foreach (var column in columns)
            for (var row = 0; row < order.Length; row++) shuffled[row * _schema.Width + column] = features[order[row] * _schema.Width + column];
        return shuffled;
    }

    private int[] Spaced(int most)
    {
        var (first, count) = rows.GetOffsetAndLength(table.Rows);
        var chosen = Math.Min(count, most);
        return [.. Enumerable.Range(0, chosen).Select(at => first + (int)((long)at * count / chosen))];
    }

    private float[] Copy(int[] places)
    {
        var features = new float[places.Length * _schema.Width];
        for (var at = 0; at < places.Length; at++) Row(places[at]).CopyTo(features.AsSpan(at * _schema.Width));
        return features;
    }

    private ReadOnlySpan<float> Row(int row) => table.Features.AsSpan(row * _schema.Width, _schema.Width);
}

/// <summary>How much a head leans on a column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Feature">The feature that reads it.</param>
/// <param name="MeanContribution">Mean absolute contribution to the raw score; null where the head cannot be explained.</param>
/// <param name="Loss">What AUC loses (of an amount: what the root mean squared error gains) when the column's values are dealt out anew; below 0 by chance alone.</param>
internal sealed record ImportantColumn(string Column, string Feature, double? MeanContribution, double Loss);
