using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Recs.Domain;

namespace Recs.Ranker.Training;

/// <summary>What grows the trees of a head.</summary>
public enum Learner
{
    /// <summary>LightGBM through ML.NET: the better and faster one. Its library needs the OpenMP runtime.</summary>
    LightGbm = 1,
    /// <summary>ML.NET's own boosted trees, which need nothing but the SDK.</summary>
    FastTree = 2,
}

/// <summary>The learners, each set up to be deterministic: the same rows and seed give the same trees on any number of threads.</summary>
public static class Learners
{
    private const string OpenMp = "the OpenMP runtime (Debian and Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp)";

    /// <summary>LightGBM where its library loads, FastTree elsewhere.</summary>
    public static Learner Best { get; } =
        NativeLibrary.TryLoad("lib_lightgbm", typeof(LightGbmBinaryTrainer).Assembly, null, out _) ? Learner.LightGbm : Learner.FastTree;

    /// <summary>A sentence for whoever gets <see cref="Learner.FastTree"/> without having asked for it; null otherwise.</summary>
    public static string? WhyNotLightGbm => Best == Learner.LightGbm ? null : $"LightGBM's library does not load, so ML.NET's FastTree is used instead; LightGBM needs {OpenMp}";

    internal static ITransformer GrowLightGbm(MLContext context, IDataView rows, IDataView later, TrainingOptions options)
    {
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
        try
        {
            return trainer.Fit(rows, later);
        }
        catch (Exception missing) when (missing is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new RefusedException($"LightGBM's library cannot be loaded: it needs {OpenMp}", missing);
        }
    }

    internal static ITransformer GrowFastTree(MLContext context, IDataView rows, TrainingOptions options) =>
        context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            LabelColumnName = nameof(RowView.Row.Label),
            FeatureColumnName = nameof(RowView.Row.Features),
            NumberOfLeaves = options.Leaves,
            LearningRate = options.LearningRate,
            // Its rules for early stopping gave up after a few trees here: a fixed number of them it is.
            NumberOfTrees = Math.Min(options.Trees, 150),
            MinimumExampleCountPerLeaf = options.RowsPerLeaf,
            FeatureFraction = 0.8,
            Seed = options.Seed,
            FeatureSelectionSeed = options.Seed,
        }).Fit(rows);
}
