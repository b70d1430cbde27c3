using Microsoft.ML;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>Grows one head with ML.NET: calibrated, and with LightGBM stopped early, on the validation rows, which lie later than the training rows.</summary>
public static class HeadTrainer
{
    /// <param name="set">The rows, in time order.</param>
    /// <param name="train">Rows to learn from.</param>
    /// <param name="valid">Later rows: for early stopping and calibration.</param>
    /// <param name="action">What the labels mean.</param>
    /// <param name="columns">Columns to use, in order; null for all.</param>
    /// <param name="options">How to grow.</param>
    /// <exception cref="RefusedException">A class is missing, or LightGBM's library cannot be loaded.</exception>
    public static TrainedHead Train(TrainingSet set, Range train, Range valid, InteractionType action, int[]? columns, TrainingOptions options)
    {
        var (trainFirst, trainCount) = train.GetOffsetAndLength(set.Rows);
        var (validFirst, validCount) = valid.GetOffsetAndLength(set.Rows);
        RequireBothClasses(set.Labels.AsSpan(trainFirst, trainCount), "training");
        RequireBothClasses(set.Labels.AsSpan(validFirst, validCount), "validation");

        var context = new MLContext(options.Seed);
        var rows = new RowView(set, trainFirst, trainCount, columns).Load(context);
        var model = options.Learner switch
        {
            Learner.LightGbm => Learners.GrowLightGbm(context, rows, new RowView(set, validFirst, validCount, columns).Load(context), options),
            Learner.FastTree => Learners.GrowFastTree(context, rows, options),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Learner, "not a learner"),
        };

        var forest = MlNetForest.Flatten(model);
        var uncalibrated = new Head(action, forest, new(1, 0), columns);
        var scores = new double[validCount];
        Parallel.For(0, validCount, i => scores[i] = uncalibrated.Score(set.Row(validFirst + i)));
        var calibration = PlattCalibration.Fit(scores, set.Labels.AsSpan(validFirst, validCount));
        return new(new Head(action, forest, calibration, columns), model, rows.Schema, calibration, columns, set.Schema);
    }

    private static void RequireBothClasses(ReadOnlySpan<bool> labels, string part)
    {
        if (labels.Contains(true) && labels.Contains(false)) return;
        throw new RefusedException($"the {part} rows ({labels.Length}) hold only one class; a head needs shown items with and without the action");
    }
}
