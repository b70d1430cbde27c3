using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Recs.Domain;

namespace Recs.Ranker.Training;

/// <summary>What learns a head.</summary>
public enum Learner
{
    /// <summary>Boosted trees of LightGBM through ML.NET: the better and faster ones. Its library needs the OpenMP runtime.</summary>
    LightGbm = 1,
    /// <summary>ML.NET's own boosted trees, which need nothing but the SDK.</summary>
    FastTree = 2,
    /// <summary>LightGBM's trees grown to order the rows of each list (LambdaMART), not to predict them.</summary>
    LambdaMart = 3,
    /// <summary>Logistic regression on standardised columns.</summary>
    Logistic = 4,
    /// <summary>A field-aware factorization machine on standardised columns.</summary>
    Ffm = 5,
    /// <summary>The mean log-odds of boosted trees of several seeds, and a logistic regression that weighs as much as all of them.</summary>
    Blend = 6,
}

/// <summary>The learners, each set up to be deterministic: the same rows and seed give the same model on any number of threads.</summary>
public static class Learners
{
    private const string OpenMp = "the OpenMP runtime (Debian and Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp)";

    /// <summary>LightGBM where its library loads, FastTree elsewhere.</summary>
    public static Learner Best { get; } =
        NativeLibrary.TryLoad("lib_lightgbm", typeof(LightGbmBinaryTrainer).Assembly, null, out _) ? Learner.LightGbm : Learner.FastTree;

    /// <summary>A sentence for whoever gets <see cref="Learner.FastTree"/> without having asked for it; null otherwise.</summary>
    public static string? WhyNotLightGbm => Best == Learner.LightGbm ? null : $"LightGBM's library does not load, so ML.NET's FastTree is used instead; LightGBM needs {OpenMp}";

    internal static ITransformer GrowLightGbm(MLContext context, IDataView rows, IDataView later, TrainingOptions options, bool weighted)
    {
        var settings = new LightGbmBinaryTrainer.Options();
        Set(settings, options, weighted);
        settings.LabelColumnName = nameof(RowView.Row.Label);
        settings.EvaluationMetric = options.StopByLogLoss ? LightGbmBinaryTrainer.Options.EvaluateMetricType.Logloss : LightGbmBinaryTrainer.Options.EvaluateMetricType.AreaUnderCurve;
        return Guarded(() => context.BinaryClassification.Trainers.LightGbm(settings).Fit(rows, later));
    }

    /// <summary>All the trees asked for: LightGBM 4 takes the validation rows that ML.NET hands it for one list, so it cannot stop by them (see <see cref="LambdaMartTrees"/>).</summary>
    internal static ITransformer GrowLambdaMart(MLContext context, IDataView rows, TrainingOptions options, bool weighted)
    {
        var settings = new LightGbmRankingTrainer.Options();
        Set(settings, options, weighted);
        settings.LabelColumnName = nameof(RowView.Row.Amount);
        settings.RowGroupColumnName = nameof(RowView.Row.List);
        settings.EarlyStoppingRound = 0;
        return Guarded(() => context.Ranking.Trainers.LightGbm(settings).Fit(rows));
    }

    /// <summary>For amounts: the mean is predicted, so the squared error is what falls.</summary>
    internal static ITransformer GrowRegression(MLContext context, IDataView rows, IDataView later, TrainingOptions options, bool weighted)
    {
        var settings = new LightGbmRegressionTrainer.Options();
        Set(settings, options, weighted);
        settings.LabelColumnName = nameof(RowView.Row.Amount);
        settings.EvaluationMetric = LightGbmRegressionTrainer.Options.EvaluateMetricType.RootMeanSquaredError;
        return Guarded(() => context.Regression.Trainers.LightGbm(settings).Fit(rows, later));
    }

    internal static ITransformer GrowFastTree(MLContext context, IDataView rows, TrainingOptions options, bool weighted) =>
        context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            LabelColumnName = nameof(RowView.Row.Label),
            FeatureColumnName = nameof(RowView.Row.Features),
            ExampleWeightColumnName = weighted ? nameof(RowView.Row.Weight) : null,
            NumberOfLeaves = options.Leaves,
            LearningRate = options.LearningRate,
            // Its rules for early stopping gave up after a few trees here: a fixed number of them it is.
            NumberOfTrees = Math.Min(options.Trees, 150),
            MinimumExampleCountPerLeaf = options.RowsPerLeaf,
            FeatureFraction = options.ColumnShare,
            Seed = options.Seed,
            FeatureSelectionSeed = options.Seed,
        }).Fit(rows);

    internal static ITransformer FitLogistic(MLContext context, IDataView rows, TrainingOptions options, bool weighted) =>
        context.Transforms.NormalizeMeanVariance(nameof(RowView.Row.Features), maximumExampleCount: long.MaxValue, fixZero: false)
            .AppendCacheCheckpoint(context) // it goes over the rows a hundred times
            .Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                LabelColumnName = nameof(RowView.Row.Label),
                FeatureColumnName = nameof(RowView.Row.Features),
                ExampleWeightColumnName = weighted ? nameof(RowView.Row.Weight) : null,
                L1Regularization = 0,
                L2Regularization = (float)options.LogisticL2,
                NumberOfThreads = 1, // sums in one order
            })).Fit(rows);

    internal static ITransformer FitFactorization(MLContext context, IDataView rows, int fields, TrainingOptions options, bool weighted)
    {
        string[] names = [.. Enumerable.Range(0, fields).Select(RowView.FieldName)];
        return context.Transforms.NormalizeMeanVariance([.. names.Select(name => new InputOutputColumnPair(name))], maximumExampleCount: long.MaxValue, fixZero: false)
            .AppendCacheCheckpoint(context)
            .Append(context.BinaryClassification.Trainers.FieldAwareFactorizationMachine(new FieldAwareFactorizationMachineTrainer.Options
            {
                LabelColumnName = nameof(RowView.Row.Label),
                FeatureColumnName = names[0],
                ExtraFeatureColumns = names[1..],
                ExampleWeightColumnName = weighted ? nameof(RowView.Row.Weight) : null,
                LatentDimension = options.Factors,
                NumberOfIterations = options.Passes,
                NormalizeFeatures = true,
            })).Fit(rows);
    }

    private static void Set<TOptions, TOutput, TTransformer, TModel>(LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase settings, TrainingOptions options, bool weighted)
        where TOptions : LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        settings.FeatureColumnName = nameof(RowView.Row.Features);
        settings.ExampleWeightColumnName = weighted ? nameof(RowView.Row.Weight) : null;
        settings.NumberOfLeaves = options.Leaves;
        settings.LearningRate = options.LearningRate;
        settings.NumberOfIterations = options.Trees;
        settings.EarlyStoppingRound = options.Patience;
        settings.MinimumExampleCountPerLeaf = options.RowsPerLeaf;
        settings.Seed = options.Seed;
        settings.HandleMissingValue = false; // rows are finite by contract
        settings.Deterministic = true;
        settings.ForceColumnWise = true; // with it the same trees on any number of threads
        settings.Booster = new GradientBooster.Options { L2Regularization = options.L2, FeatureFraction = options.ColumnShare, SubsampleFrequency = 0 };
    }

    private static ITransformer Guarded(Func<ITransformer> fit)
    {
        try
        {
            return fit();
        }
        catch (Exception missing) when (missing is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new RefusedException($"LightGBM's library cannot be loaded: it needs {OpenMp}", missing);
        }
    }
}
