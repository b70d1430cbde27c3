using Microsoft.ML;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>Learns one head with ML.NET: stopped early (where trees are grown by LightGBM) and calibrated on the validation rows, which lie later than the training rows.</summary>
public static class HeadTrainer
{
    /// <inheritdoc cref="Train(LabelledRows, Range, Range, InteractionType, int[], TrainingOptions)"/>
    public static TrainedHead Train(TrainingSet set, Range train, Range valid, InteractionType action, int[]? columns, TrainingOptions options) =>
        Train(LabelledRows.Of(set), train, valid, action, columns, options) with { Schema = set.Schema };

    /// <param name="rows">The rows, in time order. With <see cref="LabelledRows.Amounts"/> an amount is predicted, which needs <see cref="Learner.LightGbm"/>.</param>
    /// <param name="train">Rows to learn from.</param>
    /// <param name="valid">Later rows: for early stopping and calibration, see <see cref="TrainingOptions.CalibrationShare"/>.</param>
    /// <param name="action">What the labels mean.</param>
    /// <param name="columns">Columns to use, in order; null for all.</param>
    /// <param name="options">How to learn.</param>
    /// <exception cref="RefusedException">A class is missing, rows of a list are asked for and there are none, or LightGBM's library cannot be loaded.</exception>
    public static TrainedHead Train(LabelledRows rows, Range train, Range valid, InteractionType action, int[]? columns, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        var learnt = Span.Of(train, rows.Rows);
        var held = Span.Of(valid, rows.Rows);
        var calibrating = options.CalibrationShare > 0 ? held with { First = held.First + (int)(held.Count * (1 - options.CalibrationShare)) } : held;
        var stopping = options.CalibrationShare > 0 ? held with { End = calibrating.First } : held;
        RequireContent(rows, learnt, "training");
        RequireContent(rows, stopping, "validation");
        RequireContent(rows, calibrating, "calibration");

        if (rows.Amounts is not null) return TrainAmount(rows, learnt, stopping, action, columns, options);
        if (options.Learner == Learner.Ffm) columns = ByField(columns ?? [.. Enumerable.Range(0, rows.Width)], options);
        List<(IScorer Scorer, TrainedPart Part)> parts = [];
        foreach (var (member, weight) in Members(options))
        {
            var (model, view) = Fit(rows, learnt, stopping, columns, member);
            var scorer = MlNetScorer.Flatten(model, view.Schema);
            var line = options.Learner == Learner.Blend ? PlattCalibration.Fit(Scores(new Head(action, scorer, new PlattCalibration(1, 0), columns), rows, calibrating), Labels(rows, calibrating)) : new(1, 0);
            parts.Add((scorer, new(model, view.Schema, line, weight)));
        }
        var blended = parts.Count == 1 ? parts[0].Scorer : new BlendScorer([.. parts.Select(part => new BlendScorer.Part(part.Scorer, part.Part.Line, part.Part.Weight))]);
        var scores = Scores(new Head(action, blended, new PlattCalibration(1, 0), columns), rows, calibrating);
        ICalibration calibration = options.Calibration == CalibrationKind.Isotonic
            ? IsotonicCalibration.Fit(scores, Labels(rows, calibrating))
            : PlattCalibration.Fit(scores, Labels(rows, calibrating));
        return new(new Head(action, blended, calibration, columns), [.. parts.Select(part => part.Part)], columns, Importance(parts.Select(part => part.Part), columns?.Length ?? rows.Width));
    }

    private static TrainedHead TrainAmount(LabelledRows rows, Span learnt, Span stopping, InteractionType action, int[]? columns, TrainingOptions options)
    {
        if (options.Learner != Learner.LightGbm) throw new RefusedException($"an amount such as dwell is learnt by LightGbm, not by {options.Learner}");
        var context = new MLContext(options.Seed);
        var view = new RowView(rows, learnt.First, learnt.Count, columns).Load(context);
        var model = Learners.GrowRegression(context, view, new RowView(rows, stopping.First, stopping.Count, columns).Load(context), options, rows.Weights is not null);
        var part = new TrainedPart(model, view.Schema, new(1, 0), 1);
        return new(new Head(action, MlNetScorer.Flatten(model, view.Schema), new AmountCalibration(), columns), [part], columns, Importance([part], columns?.Length ?? rows.Width));
    }

    /// <summary>The learners of a head with their weights: one, or those of a blend.</summary>
    private static IEnumerable<(TrainingOptions Options, double Weight)> Members(TrainingOptions options)
    {
        if (options.Learner != Learner.Blend) return [(options, 1.0)];
        return Enumerable.Range(0, options.BlendSeeds).Select(i => (options with { Learner = Learners.Best, Seed = options.Seed + i }, 0.5 / options.BlendSeeds))
            .Append((options with { Learner = Learner.Logistic }, 0.5));
    }

    private static (ITransformer Model, IDataView View) Fit(LabelledRows rows, Span learnt, Span stopping, int[]? columns, TrainingOptions options)
    {
        var context = new MLContext(options.Seed);
        var weighted = rows.Weights is not null;
        var lists = options.Learner == Learner.LambdaMart;
        if (lists && rows.Lists is null) throw new RefusedException("LambdaMart orders the rows of a list, and these rows stand in no lists");
        var fields = options.Learner == Learner.Ffm ? FieldSizes(columns!, options) : null;
        IDataView View(Span span) => new RowView(rows, span.First, span.Count, columns, fields, lists).Load(context);
        var view = View(learnt);
        return (options.Learner switch
        {
            Learner.LightGbm => Learners.GrowLightGbm(context, view, View(stopping), options, weighted),
            Learner.FastTree => Learners.GrowFastTree(context, view, options, weighted),
            Learner.LambdaMart => GrowLambdaMart(context, view, rows, stopping, columns, options),
            Learner.Logistic => Learners.FitLogistic(context, view, options, weighted),
            Learner.Ffm => Learners.FitFactorization(context, view, fields!.Length, options, weighted),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Learner, "not a learner"),
        }, view);
    }

    // Grown in full, then anew with as many trees as ordered the stopping rows best: the first trees are the same, and the model that is kept is what is scored.
    private static ITransformer GrowLambdaMart(MLContext context, IDataView view, LabelledRows rows, Span stopping, int[]? columns, TrainingOptions options)
    {
        var weighted = rows.Weights is not null;
        var all = Learners.GrowLambdaMart(context, view, options, weighted);
        var grown = MlNetForest.Trees(all);
        var best = LambdaMartTrees.Best(grown, rows, stopping.First, stopping.Count, columns, options.Patience);
        return best == grown.Count ? all : Learners.GrowLambdaMart(new MLContext(options.Seed), view, options with { Trees = best }, weighted);
    }

    private static int[] ByField(int[] columns, TrainingOptions options) => [.. columns.OrderBy(column => FieldOf(column, options))];

    private static int[] FieldSizes(int[] columns, TrainingOptions options) => [.. columns.GroupBy(column => FieldOf(column, options)).OrderBy(field => field.Key).Select(field => field.Count())];

    private static int FieldOf(int column, TrainingOptions options)
    {
        var field = options.Fields?[column] ?? 0;
        return field is >= 0 and < RowView.MostFields ? field : throw new RefusedException($"column {column} stands in field {field}; fields are 0 to {RowView.MostFields - 1}");
    }

    private static double[] Importance(IEnumerable<TrainedPart> parts, int width)
    {
        var sum = new double[width];
        foreach (var part in parts)
        {
            var own = MlNetScorer.Importance(part.Transformer, width);
            for (var i = 0; i < width; i++) sum[i] += part.Weight * own[i];
        }
        return sum;
    }

    private static double[] Scores(Head head, LabelledRows rows, Span span)
    {
        var scores = new double[span.Count];
        Parallel.For(0, scores.Length, i => scores[i] = head.Score(rows.Row(span.First + i)));
        return scores;
    }

    private static ReadOnlySpan<bool> Labels(LabelledRows rows, Span span) => rows.Labels.AsSpan(span.First, span.Count);

    private static void RequireContent(LabelledRows rows, Span span, string part)
    {
        var labels = Labels(rows, span);
        if (rows.Amounts is null && labels.Contains(true) && labels.Contains(false)) return;
        if (rows.Amounts is { } amounts && amounts.AsSpan(span.First, span.Count).ContainsAnyExcept(0f)) return;
        throw new RefusedException(rows.Amounts is null
            ? $"the {part} rows ({labels.Length}) hold only one class; a head needs shown items with and without the action"
            : $"the {part} rows ({labels.Length}) hold no amount above 0; a head of amounts needs some");
    }

    private readonly record struct Span(int First, int End)
    {
        public int Count => End - First;

        public static Span Of(Range range, int rows)
        {
            var (first, count) = range.GetOffsetAndLength(rows);
            return new(first, first + count);
        }
    }
}
