using System.CommandLine;
using Recs.Domain;
using Recs.Domain.Wire;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Features;

/// <summary><c>recs features</c>: feature rows, of a snapshot's recently active users for a batch, or of a store's impressions with labels for training.</summary>
internal static class FeaturesVerb
{
    public static Command Create()
    {
        var snapshot = new Option<string?>("--snapshot") { Description = "A folder written by recs snapshot: rows of the candidates of its recently active users, for --model.", HelpName = "DIR" };
        var model = new Option<string?>("--model") { Description = "With --snapshot: the ranker's model folder, which says the columns.", HelpName = "DIR" };
        var days = new Option<int>("--days") { Description = "With --snapshot: users active within so many days before it.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var db = StoreOption.Create(required: false);
        var labels = new Option<string?>("--labels") { Description = "With --db: the action that makes a row positive, such as click: point-in-time rows of all impressions, for training.", HelpName = "ACTION" };
        var features = FeaturesFile.Option();
        var output = new Option<string>("--output") { Description = "The Parquet file to write.", HelpName = "FILE", Required = true };
        var verb = Verb.Create("features", "Reads feature rows: of a snapshot's recently active users for a batch, or of a store's impressions for training.",
            [snapshot, model, days, db, labels, features, output], async (parsed, cancel) =>
            {
                var board = new StageBoard(Terminal.Open(), TimeProvider.System);
                if (parsed.GetValue(db) is { } url) await Training(board, url, parsed.GetValue(labels)!, parsed.GetValue(features), parsed.GetValue(output)!, cancel);
                else await Batch(board, parsed.GetValue(snapshot)!, parsed.GetValue(model)!, parsed.GetValue(days), parsed.GetValue(output)!, cancel);
                return 0;
            });
        verb.Validators.Add(given =>
        {
            var (batch, training) = (given.GetValue(snapshot) is not null && given.GetValue(model) is not null, given.GetValue(db) is not null && given.GetValue(labels) is not null);
            if (batch == training || (given.GetValue(snapshot) ?? given.GetValue(model)) is not null == training) given.AddError("name --snapshot DIR and --model DIR for a batch, or --db URL and --labels ACTION for training");
        });
        return verb;
    }

    private static Task<long> Batch(StageBoard board, string snapshot, string model, int days, string output, CancellationToken cancel)
    {
        if (days is < 1 or > 3_650) throw new RefusedException($"--days is {days}, range 1 to 3650");
        var ranker = RankerModel.Load(model);
        return board.Run("features", "reading features", _ =>
        {
            var source = Snapshot.Snapshot.Read(snapshot);
            if (ranker.EmbeddingVersion != source.Manifest.EmbeddingVersion)
                throw new RefusedException($"the model was trained with embedding version {ranker.EmbeddingVersion}, the snapshot holds {source.Manifest.EmbeddingVersion}; embed the catalogue with that version or train anew");
            var (users, blocks) = CandidateBlocks.Of(source.Facts, new Timestamp(source.Manifest.AsOf), days, ranker.Schema, new ItemVectors(source.Vectors), cancel);
            var rows = FeatureFile.Write(output, blocks, ranker.Schema, source.Manifest.EmbeddingVersion);
            return Task.FromResult(($"{rows:N0} rows for {users:N0} users", rows));
        });
    }

    private static Task<long> Training(StageBoard board, string url, string label, string? file, string output, CancellationToken cancel)
    {
        var action = ActionNames.Parse(label) ?? throw new RefusedException($"--labels is '{label}', which is no action; actions are {ActionNames.All}");
        var schema = FeaturesFile.Read(file ?? FeaturesFile.Bundled);
        return board.Run("features", "replaying the facts into training rows", progress =>
        {
            using var store = StoreOption.OpenExisting(url);
            var vectors = new ItemVectors(store.LatestEmbeddingVersion() is { } version ? store.Embeddings(version) : []);
            var set = new TrainingReplay([.. store.Read(new IngestOptions().Group).Facts], action, vectors) { Schema = schema.Fit(vectors) }.Run(progress, cancel);
            if (set.Rows == 0) throw new RefusedException($"{url} holds no impressions: there is nothing to make rows of");
            var rows = TrainingFile.Write(output, set, action, vectors.Version);
            return Task.FromResult(($"{rows:N0} rows of {set.Width} features, {set.Labels.Count(positive => positive):N0} positive, schema {set.Schema.Hash}", rows));
        });
    }
}
