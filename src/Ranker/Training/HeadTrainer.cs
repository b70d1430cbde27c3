using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>How a head's trees are grown.</summary>
public sealed record TrainingOptions
{
    /// <summary>Leaves of a tree, at least 2.</summary>
    public int Leaves { get; init; } = 63;

    /// <summary>Share of each tree's correction that is taken, above 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.08;

    /// <summary>Trees at most, at least 1.</summary>
    public int Trees { get; init; } = 400;

    /// <summary>Trees without progress on the validation rows after which growing stops.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Rows a leaf must hold.</summary>
    public int RowsPerLeaf { get; init; } = 100;

    /// <summary>L2 penalty on leaf values.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Seed of the learner.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>Grows one head with ML.NET's LightGBM: early-stopped and calibrated on the validation rows, which lie later than the training rows.</summary>
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
        var trainer = context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            LabelColumnName = nameof(RowView.Row.Label),
            FeatureColumnName = nameof(RowView.Row.Features),
            NumberOfLeaves = options.Leaves,
            LearningRate = options.LearningRate,
            NumberOfIterations = options.Trees,
            EarlyStoppingRound = options.Patience,
            MinimumExampleCountPerLeaf = options.RowsPerLeaf,
            Seed = options.Seed,
            HandleMissingValue = false, // rows are finite by contract
            Deterministic = true,
            ForceColumnWise = true, // with it the same trees on any number of threads
            EvaluationMetric = LightGbmBinaryTrainer.Options.EvaluateMetricType.AreaUnderCurve,
            Booster = new GradientBooster.Options { L2Regularization = options.L2, FeatureFraction = 0.8, SubsampleFrequency = 0 },
        });
        var rows = new RowView(set, trainFirst, trainCount, columns).Load(context);
        ITransformer model;
        try
        {
            model = trainer.Fit(rows, new RowView(set, validFirst, validCount, columns).Load(context));
        }
        catch (Exception missing) when (missing is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new RefusedException(
                "LightGBM's library cannot be loaded: it needs the OpenMP runtime (Debian and Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp)", missing);
        }

        var forest = MlNetForest.Flatten(model);
        var uncalibrated = new Head(action, forest, new(1, 0), columns);
        var scores = new double[validCount];
        Parallel.For(0, validCount, i => scores[i] = uncalibrated.Score(set.Row(validFirst + i)));
        var calibration = PlattCalibration.Fit(scores, set.Labels.AsSpan(validFirst, validCount));
        return new(new Head(action, forest, calibration, columns), model, rows.Schema, calibration, columns);
    }

    private static void RequireBothClasses(ReadOnlySpan<bool> labels, string part)
    {
        if (labels.Contains(true) && labels.Contains(false)) return;
        throw new RefusedException($"the {part} rows ({labels.Length}) hold only one class; a head needs shown items with and without the action");
    }
}
