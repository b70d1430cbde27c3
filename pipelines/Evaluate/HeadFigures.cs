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
        double squares = 0, absolute = 0;
        for (var at = 0; at < count; at++)
        {
            var error = judged.Probabilities[at] - table.Labels[head.Action][first + at];
            squares += error * error;
            absolute += Math.Abs(error);
        }
        return new() { Rmse = count == 0 ? null : Math.Sqrt(squares / count), Mae = count == 0 ? null : absolute / count };
    }
}
