using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Embedder;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Embed;
using Recs.Pipelines.Features;
using Recs.Pipelines.Quality;
using Recs.Ranker.Batch;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;
using Recs.Storage.Scores;

namespace Recs.Pipelines.Demo;

/// <summary>The whole way in one process: history → stream → store → vectors → rows → model → scores → API.</summary>
internal sealed class DemoRun
{
    /// <summary>Whom the batch scores: users active within so many days before the end of the data.</summary>
    private const int ActiveDays = 7;

    private readonly Dataset _dataset;
    private readonly StageBoard _board;
    private readonly DemoFolder _folder;

    public DemoRun(Dataset dataset, DemoFolder folder, StageBoard board)
    {
        (_dataset, _folder, _board) = (dataset, folder, board);
    }

    public async Task<DemoResult> Run(string data, int seed, CancellationToken cancel)
    {
        var history = await _board.Run("read", $"reading {data}", _ => Task.FromResult(Read(data, seed)));
        var end = history[^1].Event.Time;
        var clock = new ShiftedClock(TimeProvider.System, end.ToDateTimeOffset());

        using var store = EventStore.Open("duckdb:" + _folder.Database);
        store.Migrate();
        await using var stream = new DemoStream(store, clock);
        await _board.Run("ingest", "streaming events through Kafka into the store", async progress =>
        {
            await stream.Send(history, progress, cancel);
            var seen = stream.Progress;
            return (Say($"{seen.Appended:N0} events through Kafka into DuckDB, {seen.Duplicates:N0} duplicates, {seen.DeadLetters:N0} dead letters"), true);
        });
        await stream.StopIngest();

        var facts = await _board.Run("replay", "reading the facts back", _ =>
        {
            var read = store.Read(new Recs.Ingest.IngestOptions().Group).Facts.ToList();
            return Task.FromResult((Say($"{read.Count:N0} facts in the order in which they became known"), read));
        });

        using var embedder = Llama4Embedder.Load(Home.Model, new EmbedderOptions { Template = new EmbeddingTemplate(_dataset.Template, lowerCase: true) });
        var items = facts.Select(fact => fact.Event).OfType<ItemUpserted>().Select(version => version.Item).DistinctBy(item => item.Id).ToList();
        var vectors = await _board.Run("embed", "embedding the catalogue with llama4-nano", progress =>
        {
            var (all, made) = CatalogueEmbedding.Run(store, items, embedder, progress, cancel);
            return Task.FromResult((Say($"{made:N0} titles as {embedder.Dimensions} numbers each, version {embedder.Version}"), new ItemVectors(all)));
        });

        var protocol = _dataset.Protocol([.. facts.Where(fact => fact.Event is Impression).Select(fact => fact.Event.Time)]);
        var set = await _board.Run("features", "replaying the log into training rows", progress =>
        {
            var rows = new TrainingReplay(facts, _dataset.Action, vectors) { From = protocol.Train }.Run(progress, cancel);
            return Task.FromResult((Say($"{rows.Rows:N0} point-in-time rows of {rows.Width} features, {rows.Labels.Count(label => label):N0} positive"), rows));
        });

        var experiment = new RankingExperiment(_dataset, set, protocol, new TrainingOptions());
        var head = await _board.Run("train", "training the ranker", _ => Train(experiment, withEmbeddings: true));
        var plain = await _board.Run("ablate", "training it again without embeddings", _ => Train(experiment, withEmbeddings: false));
        var quality = await _board.Run("evaluate", "judging the test period", _ =>
        {
            var scores = experiment.Score(head.Head);
            store.SavePredictions("test", TestPredictions(experiment, scores));
            var with = experiment.Judge(experiment.Test, scores);
            var without = experiment.Judge(experiment.Test, experiment.Score(plain.Head));
            var counters = experiment.Judge(experiment.Test, experiment.ScoreByTwoCounters());
            return Task.FromResult((Say($"test AUC {with.Auc:0.0000} with embeddings, {without.Auc:0.0000} without, {counters.Auc:0.0000} from two counters"), new DemoQuality(with, without, counters)));
        });
        var model = RankerModel.Save(_folder.Model, [head], vectors.Version);

        var scored = await _board.Run("score", "scoring last week's customers", _ =>
        {
            var (users, blocks) = CandidateBlocks.Of(facts, Timestamp.Now(clock), ActiveDays, vectors, cancel);
            var rows = ScoreFile.Write(_folder.Scores, blocks.SelectMany(new BatchScorer(model).Score));
            store.LoadScores(_folder.Scores, Timestamp.Now(clock));
            return Task.FromResult((Say($"{rows:N0} scores for {users:N0} users active in the last {ActiveDays} days, in {_folder.Scores}"), rows));
        });

        var progressed = stream.Progress;
        return new DemoResult(_dataset.Name,
            new(history.Count, progressed.Appended, progressed.Duplicates, progressed.DeadLetters), items.Count,
            new(vectors.Count, vectors.Dimensions, vectors.Version), new(set.Rows, set.Width, head.Head.Trees, model.Version), quality,
            new(scored, _folder.Scores), _board.Seconds);
    }

    private (string, IReadOnlyList<Fact>) Read(string data, int seed)
    {
        var facts = _dataset.Read(data, seed);
        return (Say($"{facts.Count:N0} events of {_dataset.Name}: {_dataset.Provenance}"), facts);
    }

    private static Task<(string, TrainedHead)> Train(RankingExperiment experiment, bool withEmbeddings)
    {
        var head = experiment.Train(withEmbeddings);
        var columns = head.Columns?.Length ?? FeatureReader.Width;
        return Task.FromResult((Say($"{head.Head.Trees} trees on {experiment.ValidStart:N0} rows of {columns} features{(withEmbeddings ? "" : ", embeddings left out")}"), head));
    }

    private static IEnumerable<Prediction> TestPredictions(RankingExperiment experiment, float[] scores) =>
        from list in experiment.Test
        from row in Enumerable.Range(list.First, list.Count)
        select new Prediction(list.Request, list.User, experiment.Set.Items[row], scores[row], experiment.Set.Labels[row]);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
