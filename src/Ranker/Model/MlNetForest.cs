using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace Recs.Ranker.Model;

/// <summary>From ML.NET's LightGBM or FastTree transformer to a <see cref="RegressionForest"/> with the same raw scores.</summary>
internal static class MlNetForest
{
    /// <exception cref="InvalidDataException">The transformer is not a LightGBM or FastTree model of numeric splits.</exception>
    public static RegressionForest Flatten(ITransformer transformer) => new(Trees(transformer));

    /// <summary>The trees in the order in which they were grown; what is added to every row is a tree without a split.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Flatten"/>.</exception>
    public static List<RegressionForest.Tree> Trees(ITransformer transformer)
    {
        var last = transformer is IEnumerable<ITransformer> chain ? chain.Last() : transformer;
        var ensemble = (last as ISingleFeaturePredictionTransformer<object>)?.Model switch
        {
            CalibratedModelParametersBase<LightGbmBinaryModelParameters, PlattCalibrator> lightGbm => lightGbm.SubModel.TrainedTreeEnsemble,
            CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator> fastTree => fastTree.SubModel.TrainedTreeEnsemble,
            LightGbmRankingModelParameters ranking => ranking.TrainedTreeEnsemble,
            LightGbmRegressionModelParameters regression => regression.TrainedTreeEnsemble,
            _ => throw new InvalidDataException($"holds {last.GetType().Name}, expected a LightGBM or FastTree model"),
        };
        var trees = new List<RegressionForest.Tree>(ensemble.Trees.Count);
        for (var t = 0; t < ensemble.Trees.Count; t++)
        {
            var tree = ensemble.Trees[t];
            if (tree.CategoricalSplitFlags.Contains(true)) throw new InvalidDataException("holds categorical splits; rows are numbers only");
            var weight = ensemble.TreeWeights[t];
            trees.Add(new([.. tree.NumericalSplitFeatureIndexes], [.. tree.NumericalSplitThresholds], [.. tree.LeftChild], [.. tree.RightChild],
                [.. tree.LeafValues.Select(value => value * weight)]));
        }
        if (ensemble.Bias != 0) trees.Add(new([], [], [], [], [ensemble.Bias]));
        return trees;
    }
}
