using Recs.Api;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Embedder;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Embed;
using Recs.Pipelines.Features;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Serve;
using Recs.Ranker.Batch;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;
using Recs.Storage.Scores;
using static System.FormattableString;

namespace Recs.Pipelines.Demo;

/// <summary>The whole way in one process: history → stream → store → vectors → rows → model → scores → API.</summary>
internal sealed class DemoRun
{
    /// <summary>Whom the batch scores: users active within so many days before the end of the data.</summary>
    private const int ActiveDays = 7;

    private readonly Dataset _dataset;
    private readonly StageBoard _board;
    private readonly DemoFolder _folder;
    private readonly TrainingOptions _training;
    private readonly Backend _backend;
    private readonly FeatureSchema _schema;

    public DemoRun(Dataset dataset, DemoFolder folder, FeatureSchema schema, TrainingOptions training, Backend backend, StageBoard board) =>
        (_dataset, _folder, _schema, _training, _backend, _board) = (dataset, folder, schema, training, backend, board);

    /// <param name="data">The data set's folder.</param>
    /// <param name="seed">Of everything that is drawn.</param>
    /// <param name="api">Where to serve when all is done; null ends instead.</param>
    /// <param name="finished">Called with the result before serving begins.</param>
    /// <param name="cancel">Stops the work, or the serving.</param>
    public async Task Run(string data, int seed, ApiOptions? api, Action<DemoResult> finished, CancellationToken cancel)
    {
        var history = await _board.Run("read", $"reading {data}", _ => Done(Read(data, seed)));
        // The demo's present is the end of the data, and runs on from there.
        var clock = new ShiftedClock(TimeProvider.System, history[^1].Event.Time.ToDateTimeOffset());

        using var store = EventStore.Open("duckdb:" + _folder.Database);
        store.Migrate();
        await using var stream = new DemoStream(store, clock);
        var ingested = await _board.Run("ingest", "streaming events through Kafka into the store", async progress =>
        {
            await stream.Send(history, progress, cancel);
            var seen = stream.Progress;
            return (Invariant($"{seen.Appended:N0} events through Kafka into DuckDB, {seen.Duplicates:N0} duplicates, {seen.DeadLetters:N0} dead letters"),
                new DemoEvents(history.Count, seen.Appended, seen.Duplicates, seen.DeadLetters));
        });
        await stream.PauseIngest();

        var facts = await _board.Run("facts", "reading the facts back", _ => Done(Facts(store)));
        // The moment of the batch and of the example slates: the end of the data, however long the demo has run.
        var end = new Timestamp(facts[^1].Known.Milliseconds + 1);
        var vectors = await _board.Run("embed", "embedding the catalogue with llama4-nano", progress => Done(Embed(store, progress, cancel)));
        var protocol = _dataset.Protocol([.. facts.Where(fact => fact.Event is Impression).Select(fact => fact.Event.Time)]);
        var set = await _board.Run("features", "replaying the log into training rows", progress => Done(Replay(facts, vectors, protocol, progress, cancel)));

        if (Learners.WhyNotLightGbm is { } reason && _training.Learner == Learners.Best) Console.WriteLine($"note: {reason}");
        var experiment = new RankingExperiment(_dataset, set, protocol, _training);
        var head = await _board.Run("train", "training the ranker", _ => Done(Train(experiment, withEmbeddings: true)));
        var model = RankerModel.Save(_folder.Model, [head], vectors.Version);
        var plain = await _board.Run("ablate", "training it again without embeddings", _ => Done(Train(experiment, withEmbeddings: false)));
        var quality = await _board.Run("evaluate", "judging the test period", _ => Done(Judge(store, experiment, model, plain.Head)));
        var scored = await _board.Run("score", "scoring the batch", _ => Done(Score(store, facts, end, vectors, model, cancel)));

        await using var live = await _board.Run("live", "loading the ranking state", _ =>
        {
            var loaded = LiveState.Load(store, model, clock: clock);
            return Done((Invariant($"{loaded.Status.Facts:N0} events folded into the state that answers requests"), loaded));
        });
        DemoSummary.Print(_dataset, protocol, facts, ingested, quality, live, end);
        finished(new(_dataset.Name, ingested, ItemsOf(facts).Count, new(vectors.Count, vectors.Dimensions, vectors.Version),
            new(set.Rows, set.Width, head.Head.Trees, model.Version), quality, new(scored, _folder.Scores), _board.Seconds));
        if (api is null) return;

        stream.ResumeIngest();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        IRecsStore Open() => EventStore.Open("duckdb:" + _folder.Database);
        var keeping = new DecisionKeeper(stream.Connection, Open, clock: clock) { Log = Console.Error.WriteLine }.RunAsync(stop.Token);
        await ServingLoop.Run("demo", live, stream.Connection, new Topics(), api, embeddings: null, Open, clock, erasure: null, watches: [], cancel);
        await stop.CancelAsync();
        await keeping;
    }

    private (string, IReadOnlyList<Fact>) Read(string data, int seed)
    {
        var facts = _dataset.Read(data, seed);
        return (Invariant($"{facts.Count:N0} events of {_dataset.Name}: {_dataset.Provenance}"), facts);
    }

    private static (string, IReadOnlyList<Fact>) Facts(IRecsStore store)
    {
        var facts = store.Read(new IngestOptions().Group).Facts.ToList();
        return (Invariant($"{facts.Count:N0} facts in the order in which they became known"), facts);
    }

    private (string, ItemVectors) Embed(IRecsStore store, IProgress<double> progress, CancellationToken cancel)
    {
        using var embedder = Llama4Embedder.Load(Home.Model, new EmbedderOptions { Backend = _backend, Notice = Console.Error.WriteLine, Template = new EmbeddingTemplate(_dataset.Template, lowerCase: true) });
        var job = new CatalogueEmbedding(store, embedder);
        job.Run(done => progress.Report((double)done / job.Missing), cancel);
        return (Invariant($"{job.Missing:N0} titles as {embedder.Dimensions} numbers each, version {embedder.Version}"), new ItemVectors(store.Embeddings(embedder.Version)));
    }

    private (string, TrainingSet) Replay(IReadOnlyList<Fact> facts, ItemVectors vectors, Protocol protocol, IProgress<double> progress, CancellationToken cancel)
    {
        var set = new TrainingReplay(facts, _dataset.Action, vectors) { From = protocol.Train, Schema = _schema.Fit(vectors) }.Run(progress, cancel);
        return (Invariant($"{set.Rows:N0} point-in-time rows of {set.Width} features, {set.Labels.Count(label => label):N0} positive"), set);
    }

    private (string, TrainedHead) Train(RankingExperiment experiment, bool withEmbeddings)
    {
        var head = experiment.Train(withEmbeddings);
        var columns = head.Columns?.Length ?? experiment.Set.Width;
        return (Invariant($"{head.Head.Trees} {_training.Learner} trees on {experiment.ValidStart:N0} rows of {columns} features{(withEmbeddings ? "" : ", embeddings left out")}"), head);
    }

    private static (string, DemoQuality) Judge(IRecsStore store, RankingExperiment experiment, RankerModel model, Head plain)
    {
        var scores = experiment.Score(model.Heads[0]);
        store.SavePredictions(model.Version, from list in experiment.Test
                                      from row in Enumerable.Range(list.First, list.Count)
                                      select new Prediction(list.Request, list.User, experiment.Set.Items[row], scores[row], experiment.Set.Labels[row]));
        var with = experiment.Judge(experiment.Test, scores);
        var without = experiment.Judge(experiment.Test, experiment.Score(plain));
        var counters = experiment.Judge(experiment.Test, experiment.ScoreByTwoCounters());
        return (Invariant($"test AUC {with.Auc:0.0000} with embeddings, {without.Auc:0.0000} without, {counters.Auc:0.0000} from two counters"), new(with, without, counters));
    }

    private (string, long) Score(IRecsStore store, IReadOnlyList<Fact> facts, Timestamp now, ItemVectors vectors, RankerModel model, CancellationToken cancel)
    {
        var (users, blocks) = CandidateBlocks.Of(facts, now, ActiveDays, model.Schema, vectors, cancel);
        var rows = ScoreFile.Write(_folder.Scores, blocks.SelectMany(new BatchScorer(model).Score));
        store.LoadScores(_folder.Scores, now);
        return (Invariant($"{rows:N0} scores for the {users:N0} users active in the last {ActiveDays} days, in {_folder.Scores}"), rows);
    }

    private static List<Domain.Items.Item> ItemsOf(IReadOnlyList<Fact> facts) =>
        [.. facts.Select(fact => fact.Event).OfType<ItemUpserted>().Select(version => version.Item).DistinctBy(item => item.Id)];

    private static Task<(string, T)> Done<T>((string, T) outcome) => Task.FromResult(outcome);
}
