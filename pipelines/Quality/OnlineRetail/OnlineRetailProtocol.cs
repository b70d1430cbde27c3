using Recs.Domain;
using Recs.Domain.Events;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Datasets.OnlineRetail;
using Recs.Pipelines.Embed;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.OnlineRetail;

/// <summary>
/// A shop's baskets, each against 50 drawn others: learnt from February to September 2011, validated in October, judged from November on.
/// A test file holds later purchases in the layout of <c>purchases.parquet</c>; then its period is judged instead.
/// </summary>
internal sealed class OnlineRetailProtocol : QualityProtocol
{
    public override string Dataset => "online-retail";

    public override string TestFile => "a Parquet file of purchases in the layout of purchases.parquet";

    public override async Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel)
    {
        var dataset = new OnlineRetailDataset();
        var (facts, protocol) = await board.Run("read", $"reading {request.Data}", _ =>
        {
            var read = Read(dataset, request);
            return Done(Say($"{read.Facts.Count:N0} events"), read);
        });
        var vectors = await board.Run("embed", "embedding the titles with llama4-nano", progress =>
        {
            var items = facts.Select(fact => fact.Event).OfType<ItemUpserted>().Select(version => version.Item).ToList();
            var made = TextVectors.Of(items, dataset.Template, request.Backend, progress, cancel);
            return Done(Say($"{made.Count:N0} vectors, version {made.Version}"), made);
        });
        var set = await board.Run("features", "replaying the log into training rows", progress =>
        {
            var rows = new TrainingReplay(facts, dataset.Action, vectors) { From = protocol.Train }.Run(progress, cancel);
            return Done(Say($"{rows.Rows:N0} point-in-time rows of {rows.Width} features"), rows);
        });
        var experiment = new RankingExperiment(dataset, set, protocol, new TrainingOptions { Learner = request.Learner ?? Learners.Best, Fields = ColumnFields.Of(set.Schema.Columns) });
        var head = await Train(board, experiment, "train", withEmbeddings: true);
        var plain = await Train(board, experiment, "ablate", withEmbeddings: false);
        return await board.Run("judge", "judging", _ =>
        {
            var scores = experiment.Score(head.Head);
            JudgedRows Rows(IReadOnlyList<TrainingGroup> period, float[] predicted) => JudgedRows.Of(set, period, predicted, byUser: false);
            var judged = Rows(experiment.Test, scores);
            List<(string Name, JudgedRows Rows)> rankings =
            [
                ("model", judged),
                ("two_counters", Rows(experiment.Test, experiment.ScoreByTwoCounters())),
                ("no_embeddings", Rows(experiment.Test, experiment.Score(plain.Head))),
            ];
            var result = new QualityResult(Dataset, $"{dataset.Provenance}; {protocol.Text}; seed {request.Seed}", QualityFigures.Of(judged),
                QualityFigures.Of(Rows(experiment.Valid, scores)), rankings.Skip(1).ToDictionary(ranking => ranking.Name, ranking => QualityFigures.Of(ranking.Rows)),
                new(experiment.ValidStart, experiment.TestStart - experiment.ValidStart, set.Rows - experiment.TestStart))
            {
                Cold = QualityFigures.Of(judged.Where(row => judged.Cold[row])),
            };
            return Done(Say($"AUC {result.Metrics.Auc:0.0000}"), new QualityOutcome(result, rankings, head.Importance.Select((share, at) => (set.Schema.Columns[head.Columns?[at] ?? at], share)).OrderByDescending(pair => pair.share).ToList()));
        });
    }

    /// <summary>The events, and the protocol with the test period that is judged.</summary>
    internal static (IReadOnlyList<Fact> Facts, Protocol Protocol) Read(OnlineRetailDataset dataset, QualityRequest request)
    {
        var products = OnlineRetailFiles.Products(request.Data);
        var purchases = OnlineRetailFiles.Purchases(request.Data);
        var protocol = dataset.Protocol([]);
        if (request.Test is null) return (OnlineRetailDataset.Facts(products, purchases, request.Seed), protocol);

        var later = OnlineRetailFiles.PurchasesIn(request.Test);
        var first = later.Min(purchase => purchase.Time);
        if (first < protocol.Test) throw new RefusedException($"{request.Test} begins at {first}; a test file holds purchases from {protocol.Test} on, after the validation period");
        HashSet<string> known = [.. products.Select(product => product.Item)];
        if (later.Where(purchase => !known.Contains(purchase.Item)).Select(purchase => purchase.Item).FirstOrDefault() is { } unknown)
            throw new RefusedException($"{request.Test}: item_id '{unknown}' is not in items.csv of {request.Data}");
        List<Purchase> all = [.. purchases.Where(purchase => purchase.Time < first), .. later];
        return (OnlineRetailDataset.Facts(products, all, request.Seed), protocol with { Test = first, Text = $"{protocol.Text}; judged from {first} on, the first moment of the test file" });
    }

    private static Task<TrainedHead> Train(StageBoard board, RankingExperiment experiment, string stage, bool withEmbeddings) =>
        board.Run(stage, withEmbeddings ? "training the ranker" : "training it again without embeddings", _ =>
        {
            var head = experiment.Train(withEmbeddings);
            return Done(Say($"{head.Head.Trees} trees on {experiment.ValidStart:N0} rows{(withEmbeddings ? "" : ", embeddings left out")}"), head);
        });
}
