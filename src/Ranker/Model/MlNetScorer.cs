using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Recs.Ranker.Training;

namespace Recs.Ranker.Model;

/// <summary>From ML.NET's models to scorers with the same raw scores.</summary>
internal static class MlNetScorer
{
    /// <param name="transformer">What was learnt.</param>
    /// <param name="input">The schema it reads: the sizes of a factorization machine's fields stand there alone.</param>
    /// <exception cref="InvalidDataException">The transformer holds nothing this build scores.</exception>
    public static IScorer Flatten(ITransformer transformer, DataViewSchema input)
    {
        ITransformer[] steps = transformer is IEnumerable<ITransformer> chain ? [.. chain] : [transformer];
        var normalizer = steps.OfType<NormalizingTransformer>().SingleOrDefault();
        return steps[^1] switch
        {
            FieldAwareFactorizationMachinePredictionTransformer factorization => Factorization(factorization, input, normalizer),
            ISingleFeaturePredictionTransformer<object> { Model: CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> linear } => Linear(linear.SubModel, normalizer),
            _ => MlNetForest.Flatten(transformer),
        };
    }

    /// <summary>What each column that the model reads adds to it: gain of the trees' splits, weight of a standardised column; all 0 where it says nothing.</summary>
    public static double[] Importance(ITransformer transformer, int width)
    {
        var weights = new double[width];
        ITransformer last = transformer is IEnumerable<ITransformer> chain ? chain.Last() : transformer;
        if (last is not ISingleFeaturePredictionTransformer<object> { Model: var model }) return weights;
        var trees = model switch
        {
            CalibratedModelParametersBase<Microsoft.ML.Trainers.LightGbm.LightGbmBinaryModelParameters, PlattCalibrator> lightGbm => lightGbm.SubModel,
            CalibratedModelParametersBase<Microsoft.ML.Trainers.FastTree.FastTreeBinaryModelParameters, PlattCalibrator> fastTree => fastTree.SubModel,
            _ => model as Microsoft.ML.Trainers.FastTree.TreeEnsembleModelParameters,
        };
        if (trees is not null)
        {
            VBuffer<float> gains = default;
            trees.GetFeatureWeights(ref gains);
            foreach (var (at, gain) in gains.Items()) if (at < width) weights[at] = gain;
        }
        else if (model is CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> linear)
        {
            for (var at = 0; at < width; at++) weights[at] = Math.Abs(linear.SubModel.Weights[at]);
        }
        var sum = weights.Sum();
        if (sum > 0) for (var at = 0; at < width; at++) weights[at] /= sum;
        return weights;
    }

    private static LinearScorer Linear(LinearBinaryModelParameters model, NormalizingTransformer? normalizer)
    {
        var (offsets, scales) = Affine(normalizer, 0, model.Weights.Count);
        return new(model.Weights, offsets, scales, model.Bias);
    }

    private static FactorizationScorer Factorization(FieldAwareFactorizationMachinePredictionTransformer transformer, DataViewSchema input, NormalizingTransformer? normalizer)
    {
        int[] sizes = [.. input.Where(column => column.Name.StartsWith(RowView.FieldPrefix, StringComparison.Ordinal))
            .Select(column => column.Type is VectorDataViewType { IsKnownSize: true } vector ? vector.Size : throw new InvalidDataException($"holds a field {column.Name} of unknown size"))];
        List<float> offsets = [], scales = [];
        for (var field = 0; field < sizes.Length; field++)
        {
            var (offset, scale) = Affine(normalizer, field, sizes[field]);
            offsets.AddRange(offset);
            scales.AddRange(scale);
        }
        return new(sizes, transformer.Model.GetLinearWeights(), transformer.Model.GetLatentWeights(), offsets, scales);
    }

    // Value after normalising = (value − offset) · scale.
    private static (IReadOnlyList<float> Offsets, IReadOnlyList<float> Scales) Affine(NormalizingTransformer? normalizer, int column, int width)
    {
        if (normalizer is null) return ([.. new float[width]], [.. Enumerable.Repeat(1f, width)]);
        return normalizer.GetNormalizerModelParameters(column) switch
        {
            NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> affine => (affine.Offset.IsDefaultOrEmpty ? [.. new float[width]] : affine.Offset, affine.Scale),
            NormalizingTransformer.AffineNormalizerModelParameters<float> single => ([single.Offset], [single.Scale]),
            var other => throw new InvalidDataException($"holds a normaliser of another kind, {other.GetType().Name}"),
        };
    }
}
