using Recs.Domain.Events;
using Recs.Features;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Embed;
using Recs.Pipelines.Features;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.MovieLens;

/// <summary>
/// Ratings split by time, judged twice: frozen (counters stand still when training ends, a user's own later likes go on into their recent list) and prequential (all state goes on in
/// time order, the model fixed). Each regime has its features and its heads. A row sees what was known before its second.
/// </summary>
internal abstract class RatingProtocol : QualityProtocol
{
    /// <summary>What <c>metrics</c> holds.</summary>
    protected enum Regime
    {
        /// <summary>State stands still after training.</summary>
        Frozen,
        /// <summary>State goes on.</summary>
        Prequential,
    }

    /// <summary>The split in a sentence.</summary>
    protected abstract string Text { get; }

    /// <summary>Which regime is reported as the data set's metrics.</summary>
    protected abstract Regime Reported { get; }

    /// <summary>Whether a model of counters alone, and one of counters and texts, are judged too (prequential), on the features of <c>DATASET-counters.yaml</c>.</summary>
    protected virtual bool JudgesCounters => false;

    /// <summary>Reads the files.</summary>
    protected abstract RatingSplit Read(QualityRequest request);

    public override async Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel)
    {
        var split = await board.Run("read", $"reading {request.Data}", _ =>
        {
            var read = Read(request);
            return Done(Say($"{read.Facts.Count:N0} events"), read);
        });
        var vectors = await board.Run("embed", "embedding titles and genres with llama4-nano", progress =>
        {
            var films = split.Facts.Select(fact => fact.Event).OfType<ItemUpserted>().Select(version => version.Item).ToList();
            var made = TextVectors.Of(films, "{title} | {tags}", request.Backend, progress, cancel);
            return Done(Say($"{made.Count:N0} vectors, version {made.Version}"), made);
        });
        Task<RatingRegime> Replay(Regime regime) => board.Run($"{regime} features", "replaying", progress =>
        {
            var made = new RatingRegime(split, Schema(regime == Regime.Frozen ? "frozen" : "prequential"), vectors, regime == Regime.Frozen ? split.Valid : null, request.Learner, progress, cancel);
            return Done(Say($"{made.RowCount:N0} rows of {made.Width} features"), made);
        });
        Task<Judgement> Train(Regime regime, RatingRegime rows) => board.Run($"{regime} heads", "training", _ =>
        {
            var judgement = new Judgement(rows, rows.Judge(null), rows.Judge(rows.TwoCounters()), rows.Judge(rows.WithoutEmbeddings()));
            return Done(Say($"AUC {QualityMetrics.Of(judgement.Full.Judged).Auc:0.0000}, without embeddings {QualityMetrics.Of(judgement.Plain.Judged).Auc:0.0000}, two counters {QualityMetrics.Of(judgement.Two.Judged).Auc:0.0000}"), judgement);
        });
        var frozen = await Train(Regime.Frozen, await Replay(Regime.Frozen));
        var live = await Train(Regime.Prequential, await Replay(Regime.Prequential));
        var (reported, other) = Reported == Regime.Frozen ? (frozen, live) : (live, frozen);

        List<(string Name, JudgedRows Rows)> rankings = [("model", reported.Full.Judged), ("two_counters", reported.Two.Judged), ("no_embeddings", reported.Plain.Judged)];
        var ablations = rankings.Skip(1).ToDictionary(ranking => ranking.Name, ranking => QualityFigures.Of(ranking.Rows));
        var name = Reported == Regime.Frozen ? "prequential" : "frozen";
        if (Reported == Regime.Prequential) ablations.Add(name, QualityFigures.Of(other.Full.Judged));
        ablations.Add(name + "_two_counters", QualityFigures.Of(other.Two.Judged));
        ablations.Add(name + "_no_embeddings", QualityFigures.Of(other.Plain.Judged));
        if (JudgesCounters)
        {
            var rows = await board.Run("counters features", "replaying", progress =>
            {
                var made = new RatingRegime(split, Schema("counters"), vectors, null, request.Learner, progress, cancel);
                return Done(Say($"{made.RowCount:N0} rows of {made.Width} features"), made);
            });
            var (alone, texts) = await board.Run("counters heads", "training", _ =>
            {
                var made = (rows.Judge(rows.Counters()), rows.Judge(rows.CountersAndTexts()));
                return Done(Say($"AUC {QualityMetrics.Of(made.Item1.Judged).Auc:0.0000}, with texts {QualityMetrics.Of(made.Item2.Judged).Auc:0.0000}"), made);
            });
            ablations.Add("counters", QualityFigures.Of(alone.Judged));
            ablations.Add("counters_and_texts", QualityFigures.Of(texts.Judged));
            rankings.AddRange([("counters", alone.Judged), ("counters_and_texts", texts.Judged)]);
        }
        var judged = split.Test is null ? "judged: the validation rows themselves, for want of a test file, on which the heads were also stopped and calibrated" : "judged: the test rows; the heads were stopped and calibrated on validation";
        return new(new QualityResult(Dataset,
            Say($"{Text}; metrics: {(Reported == Regime.Frozen ? "frozen (counters stand still when training ends, a user's own later likes go on)" : "prequential (all state goes on in time order, the model stays fixed)")}; {judged}; every rating is told as the film shown alone, then a like or a hide; a row sees earlier seconds only; learner: {LearnerOption.Word(request.Learner ?? Learner.Blend)}; two_counters: the same learner over the item's and the user's rate"),
            QualityFigures.Of(reported.Full.Judged), QualityFigures.Of(reported.Full.Valid), ablations, reported.Rows.Rows(split.Test is not null))
        {
            Prequential = QualityFigures.Of(live.Full.Judged),
        }, rankings, reported.Full.Importance);
    }

    private FeatureSchema Schema(string name) => FeaturesFile.Read(Path.Combine(Home.Root, "pipelines", "Quality", $"{Dataset}-{name}.yaml"));

    private sealed record Judgement(RatingRegime Rows, RatingJudgement Full, RatingJudgement Two, RatingJudgement Plain);
}
