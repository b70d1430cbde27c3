using Recs.Pipelines.Quality;
using Recs.Pipelines.Train;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Evaluate;

/// <summary>A head's figures over some rows.</summary>
internal static class HeadFigures
{
    public static QualityFigures Of(Head head, TrainingTable table, Range rows)
    {
        var judged = table.Judge(head, rows);
        if (!head.IsAmount) return QualityFigures.Of(judged);
        var (first, count) = rows.GetOffsetAndLength(table.Rows);
        return OfAmount(judged.Probabilities, table.Labels[head.Action].AsSpan(first, count));
    }

    /// <summary>Errors of predicted amounts.</summary>
    public static QualityFigures OfAmount(ReadOnlySpan<float> predicted, ReadOnlySpan<float> amounts)
    {
        double squares = 0, absolute = 0;
        for (var at = 0; at < predicted.Length; at++)
        {
            var error = predicted[at] - amounts[at];
            squares += error * error;
            absolute += Math.Abs(error);
        }
        return new() { Rmse = predicted.Length == 0 ? null : Math.Sqrt(squares / predicted.Length), Mae = predicted.Length == 0 ? null : absolute / predicted.Length };
    }
}
