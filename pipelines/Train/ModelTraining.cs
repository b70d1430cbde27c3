using Recs.Domain.Wire;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Evaluate;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Train;

/// <summary>From a table to a model folder: each head is tuned where asked for, learnt, and judged.</summary>
internal sealed class ModelTraining(TrainConfig config, TrainingTable table, StageBoard board)
{
    /// <summary>Columns told of a head.</summary>
    private const int TopColumns = 15;

    /// <summary>Settings tried a head; 1 takes those of the file.</summary>
    public int Trials { get; init; } = 1;

    /// <summary>No trial begins later.</summary>
    public TimeSpan? TuningLimit { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Learns and writes the model.</summary>
    public async Task<(RankerModel Model, TrainResult Result)> Run(string folder, IReadOnlyList<string> warnings, CancellationToken cancel)
    {
        var (valid, test) = config.Periods(table);
        List<(TrainedHead Head, IReadOnlyList<TuningTrial>? Trials)> trained = [];
        foreach (var action in config.Heads)
        {
            var name = ActionNames.Of(action);
            var rows = table.For(action);
            var options = config.Options;
            IReadOnlyList<TuningTrial>? trials = null;
            if (Trials > 1)
                (options, trials) = await board.Run("tune", $"trying settings for {name}", progress =>
                {
                    var chosen = new SuccessiveHalving(options, Trials, TuningLimit, Clock).Choose(rows, ..valid, valid..test, action, progress, cancel);
                    return Task.FromResult((FormattableString.Invariant($"{name}: {chosen.Trials.Count} trials; {chosen.Best.Leaves} leaves, rate {chosen.Best.LearningRate}, {chosen.Best.RowsPerLeaf} rows a leaf, l2 {chosen.Best.L2}, columns {chosen.Best.ColumnShare}"), chosen));
                });
            trained.Add(await board.Run("train", $"training {name}", _ =>
            {
                var head = HeadTrainer.Train(rows, ..valid, valid..test, action, null, options with { Fields = ColumnFields.Of(table.Schema.Columns) }) with { Schema = table.Schema };
                return Task.FromResult((FormattableString.Invariant($"{name}: {config.Options.Learner}, {head.Head.Trees} trees on {valid:N0} rows of {table.Schema.Width} columns"), (head, trials)));
            }));
        }
        return await board.Run("judge", "judging", _ =>
        {
            var model = RankerModel.Save(folder, [.. trained.Select(head => head.Head)], table.EmbeddingVersion);
            var judged = test < table.Rows ? test..table.Rows : valid..test;
            var heads = trained.ToDictionary(head => ActionNames.Of(head.Head.Head.Action), head => new TrainedHeadResult(HeadFigures.Of(head.Head.Head, table, judged), HeadFigures.Of(head.Head.Head, table, valid..test),
                head.Head.Head.Trees, Importance(head.Head), head.Trials));
            var result = new TrainResult(model.Version, folder, table.Schema.Width, table.EmbeddingVersion, test < table.Rows ? "test" : "valid", new(valid, test - valid, table.Rows - test), heads, Parameters(valid, test), warnings);
            return Task.FromResult(($"model {model.Version} in {folder}", (model, result)));
        });
    }

    private List<ColumnGain> Importance(TrainedHead head) =>
        [.. head.Importance.Select((share, at) => new ColumnGain(table.Schema.Columns[head.Columns?[at] ?? at], share)).Where(gain => gain.Share > 0).OrderByDescending(gain => gain.Share).Take(TopColumns)];

    private TrainParameters Parameters(int valid, int test)
    {
        var options = config.Options;
        return new([.. config.Heads.Select(ActionNames.Of)], options.Learner.ToString().ToLowerInvariant(), options.Calibration.ToString().ToLowerInvariant(), options.CalibrationShare, options.Leaves, options.LearningRate,
            options.Trees, options.Patience, options.RowsPerLeaf, options.L2, options.ColumnShare, options.Seed, config.WeightByPropensity, table.Times[0].ToString(), table.Times[valid].ToString(),
            test < table.Rows ? table.Times[test].ToString() : null);
    }
}
