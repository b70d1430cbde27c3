using System.Globalization;
using Recs.Ranker.Model;
using Recs.Ranker.Model.Forest;

namespace Recs.Ranker.LightGbm;

/// <summary>
/// A forest in LightGBM's text format (version 4), with raw scores as the answer: any LightGBM reads it and predicts the same.
/// Source: src/io/tree.cpp and src/boosting/gbdt_model_text.cpp of LightGBM say which keys are read.
/// </summary>
internal static class LightGbmText
{
    // Bit 1: a missing value would go left; bits 2 and 3 at 0: no value counts as missing.
    private const int NumericNoMissing = 2;

    /// <param name="trees">In their order.</param>
    /// <param name="width">Features of a row.</param>
    public static string Of(IReadOnlyList<RegressionForest.Tree> trees, int width)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0");
        text.WriteLine($"max_feature_idx={width - 1}\nobjective=regression");
        text.WriteLine("feature_names=" + string.Join(' ', Enumerable.Range(0, width).Select(feature => $"f{feature}")));
        text.WriteLine("feature_infos=" + string.Join(' ', Enumerable.Repeat("[-1e300:1e300]", width)));
        text.WriteLine();
        for (var t = 0; t < trees.Count; t++)
        {
            var tree = trees[t];
            text.WriteLine($"Tree={t}\nnum_leaves={tree.Leaves.Count}\nnum_cat=0");
            if (tree.Features.Count > 0)
            {
                var counts = tree.Covers is null ? null : NodeCovers.Of(tree);
                Line("split_feature", tree.Features);
                Line("split_gain", tree.Features.Select(_ => 1));
                Line("threshold", tree.Thresholds.Select(threshold => Number(threshold)));
                Line("decision_type", tree.Features.Select(_ => NumericNoMissing));
                Line("left_child", tree.Left);
                Line("right_child", tree.Right);
                Line("leaf_value", tree.Leaves.Select(Number));
                Line("leaf_weight", tree.Leaves.Select(_ => 1));
                Line("leaf_count", tree.Covers ?? [.. tree.Leaves.Select(_ => 1)]);
                Line("internal_value", tree.Features.Select(_ => 0));
                Line("internal_weight", tree.Features.Select(_ => 1));
                Line("internal_count", counts ?? [.. tree.Features.Select(_ => 1L)]);
            }
            else
            {
                Line("leaf_value", tree.Leaves.Select(Number));
            }
            text.WriteLine("is_linear=0\nshrinkage=1\n\n");
        }
        text.WriteLine("end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n\npandas_categorical:null");
        return text.ToString();

        void Line<T>(string key, IEnumerable<T> values) => text.WriteLine($"{key}={string.Join(' ', values)}");
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
