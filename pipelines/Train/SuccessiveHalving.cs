using Recs.Domain.Events;
using Recs.Ranker.Evaluation;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Train;

/// <summary>
/// Chooses how trees are grown: settings drawn by the seed are tried with few trees, the best third with three times as many, and so on; the best on the validation rows
/// by log-loss of calibrated probabilities wins. The same trials and seed choose the same setting; a limit of time may cut the trials off, and then that depends on the machine.
/// The settings given are always among the trials. Source: Jamieson and Talwalkar, "Non-stochastic best arm identification" (AISTATS 2016).
/// </summary>
internal sealed class SuccessiveHalving
{
    private const int Keep = 3;

    private readonly TrainingOptions _given;
    private readonly int _trials;
    private readonly TimeSpan? _limit;
    private readonly TimeProvider _clock;

    /// <param name="given">The settings to start from.</param>
    /// <param name="trials">Settings tried, at least 1.</param>
    /// <param name="limit">No trial begins after so long; null: none is cut off.</param>
    /// <param name="clock">Measures the limit.</param>
    public SuccessiveHalving(TrainingOptions given, int trials, TimeSpan? limit, TimeProvider clock) => (_given, _trials, _limit, _clock) = (given, trials, limit, clock);

    /// <summary>Chooses for one head.</summary>
    /// <returns>The settings, with the trees of <c>given</c>, and every trial.</returns>
    public (TrainingOptions Best, IReadOnlyList<TuningTrial> Trials) Choose(LabelledRows rows, Range train, Range valid, InteractionType action, IProgress<double>? progress, CancellationToken cancel)
    {
        var begun = _clock.GetTimestamp();
        var random = new Random(_given.Seed);
        List<(int Number, TrainingOptions Options)> running = [(0, _given), .. Enumerable.Range(1, _trials - 1).Select(number => (number, Draw(random)))];
        var rungs = 1;
        for (var left = _trials; left > 1; left = (left + Keep - 1) / Keep) rungs++;
        List<TuningTrial> trials = [];
        var best = (Options: _given, Loss: double.PositiveInfinity);
        for (var rung = 0; rung < rungs; rung++)
        {
            var trees = Math.Max(10, (int)(_given.Trees / Math.Pow(Keep, rungs - 1 - rung)));
            List<(int Number, TrainingOptions Options, double Loss)> done = [];
            foreach (var (number, options) in running)
            {
                cancel.ThrowIfCancellationRequested();
                if (_limit is { } limit && trials.Count > 0 && _clock.GetElapsedTime(begun) > limit) break;
                var loss = Loss(rows, train, valid, action, options with { Trees = trees });
                done.Add((number, options, loss));
                trials.Add(new(number, trees, options.Leaves, options.LearningRate, options.RowsPerLeaf, options.L2, options.ColumnShare, loss));
                progress?.Report((rung + (double)done.Count / running.Count) / rungs);
            }
            if (done.Count == 0) break;
            var ranked = done.OrderBy(trial => trial.Loss).ThenBy(trial => trial.Number).ToList();
            best = (ranked[0].Options, ranked[0].Loss);
            running = [.. ranked.Take((ranked.Count + Keep - 1) / Keep).Select(trial => (trial.Number, trial.Options))];
        }
        return (best.Options, trials);
    }

    private TrainingOptions Draw(Random random)
    {
        T One<T>(params T[] values) => values[random.Next(values.Length)];
        return _given with
        {
            Leaves = One(7, 15, 31, 63, 127), LearningRate = One(0.03, 0.05, 0.08, 0.12), RowsPerLeaf = One(20, 50, 100, 200), L2 = One(0.1, 1.0, 10.0, 50.0), ColumnShare = One(0.5, 0.8, 1.0),
        };
    }

    private static double Loss(LabelledRows rows, Range train, Range valid, InteractionType action, TrainingOptions options)
    {
        var head = HeadTrainer.Train(rows, train, valid, action, null, options).Head;
        var (first, count) = valid.GetOffsetAndLength(rows.Rows);
        var predicted = new float[count];
        Parallel.For(0, count, at => predicted[at] = head.Probability(rows.Row(first + at)));
        if (rows.Amounts is not { } amounts) return RankingMetrics.LogLoss(predicted, rows.Labels.AsSpan(first, count));
        var error = 0.0;
        for (var at = 0; at < count; at++) error += (predicted[at] - amounts[first + at]) * (predicted[at] - amounts[first + at]);
        return Math.Sqrt(error / count);
    }
}

/// <summary>One setting tried.</summary>
internal sealed record TuningTrial(int Number, int Trees, int Leaves, double LearningRate, int RowsPerLeaf, double L2, double ColumnShare, double ValidLoss);
