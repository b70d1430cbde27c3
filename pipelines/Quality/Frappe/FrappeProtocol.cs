using Recs.Domain.Events;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.Frappe;

/// <summary>
/// App usage in context, the split Frappe_x1. Counters of the training part's positives; a training row reads the counts without its own tenth of the part.
/// One more tenth of the training rows, drawn by the seed, stops the trees and calibrates; validation is only judged.
/// </summary>
internal sealed class FrappeProtocol : QualityProtocol
{
    private const int Folds = 10;

    public override string Dataset => "frappe-x1";

    public override string TestFile => "rows in the layout of valid.csv";

    /// <summary>LambdaMART orders lists, and which rows were shown together is not told: each use has two drawn negatives, which stand anywhere.</summary>
    public override IReadOnlyList<Learner> TakesLearners => [.. base.TakesLearners.Except([Learner.LambdaMart])];

    public override async Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel)
    {
        var (train, valid, test, apps) = await board.Run("read", $"reading {request.Data}", _ =>
        {
            var parts = (Train: FrappeFiles.Rows(Path.Combine(request.Data, "train.csv")), Valid: FrappeFiles.Rows(Path.Combine(request.Data, "valid.csv")),
                Test: request.Test is null ? [] : FrappeFiles.Rows(request.Test), Apps: FrappeFiles.Apps(request.Data));
            return Done(Say($"{parts.Train.Count:N0} training rows, {parts.Valid.Count:N0} of validation, {parts.Test.Count:N0} of the test, {parts.Apps.Count:N0} apps"), parts);
        });
        var texts = await board.Run("embed", "embedding the apps' texts with llama4-nano", progress =>
        {
            var made = FrappeTexts.Of(apps, request.Backend, progress, cancel);
            return Done(Say($"{made.Count:N0} texts"), made);
        });
        var rows = await board.Run("features", "counting, fold by fold", progress =>
        {
            var made = FrappeRows.Make(train, [.. valid, .. test], apps, texts, Folds, request.Seed, progress, cancel);
            return Done(Say($"{made.Set.Rows:N0} rows of {made.Set.Width} columns"), made);
        });
        var full = await Train(board, request, rows, "train", null);
        var plain = await Train(board, request, rows, "no text", FrappeColumns.WithoutText);
        var item = await Train(board, request, rows, "no user", FrappeColumns.OfItem);
        var two = await Train(board, request, rows, "counters", FrappeColumns.TwoCounters);

        return await board.Run("judge", "judging", _ =>
        {
            JudgedRows Valid(TrainedHead head) => rows.Judge(head.Head, train.Count, valid);
            JudgedRows Test(TrainedHead head) => request.Test is null ? Valid(head) : rows.Judge(head.Head, train.Count + valid.Count, test);
            var judged = request.Test is null ? valid : test;
            List<(string Name, JudgedRows Rows)> rankings = [("model", Test(full)), ("two_counters", Test(two)), ("no_embeddings", Test(plain))];
            HashSet<(int User, int Item)> seen = [.. train.Where(row => row.Label).Select(row => (row.User, row.Item))];
            var result = new QualityResult(Dataset,
                Say($"Frappe_x1, the items of the training part's negatives re-drawn; learnt from nine tenths of train.csv, stopped and calibrated on the tenth; judged: {(request.Test is null ? "valid.csv, which nothing was chosen by in this run" : Path.GetFileName(request.Test))}; counters of training positives only, left out fold by fold for training rows; unseen_pairs: no training positive of the same user and app; no_user: no user, pair or text features; two_counters: trees over the positives of the app and of the pair; seed {request.Seed}"),
                QualityFigures.Of(rankings[0].Rows), QualityFigures.Of(Valid(full)), rankings.Skip(1).ToDictionary(ranking => ranking.Name, ranking => QualityFigures.Of(ranking.Rows)),
                new(train.Count, valid.Count, test.Count))
            {
                UnseenPairs = QualityFigures.Of(rankings[0].Rows.Where(row => !seen.Contains((judged[row].User, judged[row].Item)))),
                NoUser = QualityFigures.Of(Test(item)),
            };
            return Done(Say($"AUC {result.Metrics.Auc:0.0000}, logloss {result.Metrics.Logloss:0.0000}, unseen pairs {result.UnseenPairs.Auc:0.0000}, no user {result.NoUser.Auc:0.0000}"), new QualityOutcome(result, rankings, full.Importance.Select((share, at) => (FrappeColumns.Names[full.Columns?[at] ?? at], share)).OrderByDescending(pair => pair.share).ToList()));
        });
    }

    private static TrainingOptions Options(QualityRequest request) => new()
    {
        Learner = request.Learner ?? Learners.Best, Leaves = 31, Trees = 400, LearningRate = 0.1, RowsPerLeaf = 20, Patience = 40, StopByLogLoss = true, Seed = request.Seed,
        Fields = [.. FrappeColumns.Names.Select(name => name.StartsWith("item", StringComparison.Ordinal) ? 0 : name.StartsWith("user_item", StringComparison.Ordinal) ? 1 : name.StartsWith("user", StringComparison.Ordinal) ? 2 : 3)],
    };

    private static Task<TrainedHead> Train(StageBoard board, QualityRequest request, FrappeRows rows, string stage, int[]? columns) => board.Run(stage, "training", _ =>
    {
        var head = HeadTrainer.Train(rows.Set, ..rows.Stop, rows.Stop..rows.Judged, InteractionType.Click, columns,
            Options(request));
        return Done(Say($"{head.Head.Trees} trees over {columns?.Length ?? rows.Set.Width} columns"), head);
    });
}
