using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Recs.Domain;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.Check;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;

namespace Recs.Pipelines.Train;

/// <summary><c>recs train</c>: from facts, or rows, to a model folder and a place in the registry.</summary>
internal static class TrainVerb
{
    /// <summary>Settings tried at most where a time is given instead of their number.</summary>
    private const int TimedTrials = 81;

    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create(required: false);
        var input = new Option<string?>("--input") { Description = "Rows to learn from instead of a store's facts: Parquet with request, user, time, a column for each head's label and one for each feature.", HelpName = "FILE.parquet" };
        var config = new Option<string?>("--config") { Description = "How to learn; pipelines/train.yaml where it is not given.", HelpName = "FILE.yaml" };
        var output = new Option<string>("--output") { Description = "The model folder to write.", HelpName = "DIR", Required = true };
        var learner = LearnerOption.Create("What learns, in place of the file's.");
        var tune = new Option<string?>("--tune") { Description = "Try settings on the validation rows first: so many (27), or for so long (10m).", HelpName = "TRIALS|MINUTESm" };
        var json = Verb.JsonOption();
        return Verb.Create("train", "Trains a model on a store's facts, or on rows, and registers it.", [db, input, config, output, learner, tune, json], async (parsed, cancel) =>
        {
            var (url, rows) = (parsed.GetValue(db), parsed.GetValue(input));
            if (url is null && rows is null) throw new RefusedException("name what to learn from: --db URL for a store's facts, or --input FILE.parquet for rows");
            var told = TrainConfig.Read(parsed.GetValue(config) ?? TrainConfig.Bundled);
            if (parsed.GetValue(learner) is { } chosen) told = told with { Options = told.Options with { Learner = chosen } };
            if (told.Options.Learner == Learner.LightGbm && Learners.WhyNotLightGbm is { } reason && parsed.GetValue(learner) is null)
            {
                Console.WriteLine($"note: {reason}");
                told = told with { Options = told.Options with { Learner = Learners.Best } };
            }
            var (trials, limit) = Tuning(parsed.GetValue(tune));
            var board = new StageBoard(Terminal.Open(), clock);
            using var store = url is null ? null : StoreOption.OpenExisting(url);
            var table = await Table(told, store, rows, board, cancel);
            var (valid, test) = told.Periods(table);
            var checks = await board.Run("check", "checking the rows", _ =>
            {
                var found = TrainingChecks.Run(table, valid, test);
                return Task.FromResult((string.Create(CultureInfo.InvariantCulture, $"{found.Errors.Count} errors, {found.Warnings.Count} warnings"), found));
            });
            foreach (var warning in checks.Warnings) Console.WriteLine($"  warning: {warning}");
            if (!checks.Sound) throw new RefusedException($"the rows are not fit to learn from: {string.Join("; ", checks.Errors)}");
            var (model, result) = await new ModelTraining(told, table, board) { Trials = trials, TuningLimit = limit, Clock = clock }.Run(parsed.GetValue(output)!, checks.Warnings, cancel);
            if (store is not null)
            {
                store.RegisterModel(Registration(store, model, result, table, test, clock));
                result = result with { Registered = true };
            }
            foreach (var (name, head) in result.Heads)
                Console.WriteLine($"{name} ({result.Judged}): {string.Join(", ", head.Metrics.All().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.0000}")))}");
            Verb.WriteJson(parsed.GetValue(json), result with { Seconds = board.Seconds }, TrainJson.Default.TrainResult);
            return 0;
        });
    }

    private static Task<TrainingTable> Table(TrainConfig told, IRecsStore? store, string? rows, StageBoard board, CancellationToken cancel) => board.Run("rows", "making the rows", progress =>
    {
        if (rows is not null && told.WeightByPropensity) Console.WriteLine("note: rows of a file weigh what their column weight says; weights: propensity is for a store's facts");
        if (rows is not null && told.Schema.Fits) throw new RefusedException("the features file names a feature that finds numbers on the item vectors (vector_slice), and rows of a file carry none: train from a store, with --db URL");
        var table = rows is not null ? TableFile.Read(rows, told.Schema, told.Heads) : Replayed(told, store!, progress, cancel);
        return Task.FromResult((string.Create(CultureInfo.InvariantCulture, $"{table.Rows:N0} rows of {table.Schema.Width} columns, from {table.Times[0]} to {table.Times[^1]}"), table));
    });

    private static TrainingTable Replayed(TrainConfig told, IRecsStore store, IProgress<double> progress, CancellationToken cancel)
    {
        var vectors = store.LatestEmbeddingVersion() is { } version ? new ItemVectors(store.Embeddings(version)) : null;
        return ReplayedTable.Make(store.Read(new IngestOptions().Group).Facts.ToList(), vectors, told.Schema.Fit(vectors), told.Heads, told.From ?? new(0), told.WeightByPropensity, progress, cancel);
    }

    private static (int Trials, TimeSpan? Limit) Tuning(string? text)
    {
        if (text is null) return (1, null);
        var minutes = text.EndsWith('m');
        return int.TryParse(minutes ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000
            ? minutes ? (TimedTrials, TimeSpan.FromMinutes(number)) : (number, null)
            : throw new RefusedException($"--tune is '{text}', expected trials from 1 to 1000, such as 27, or minutes, such as 10m");
    }

    private static RegisteredModel Registration(IRecsStore store, RankerModel model, TrainResult result, TrainingTable table, int test, TimeProvider clock)
    {
        var now = Timestamp.Now(clock);
        return new(model.Version, Path.GetFullPath(result.Folder), ModelStatus.Shadow, store.Models().FirstOrDefault(known => known.Status == ModelStatus.Live)?.Version, table.Schema.Hash, table.EmbeddingVersion,
            table.Times[0], table.Times[test - 1], JsonSerializer.Serialize(result.Parameters, RegistryJson.Default.TrainParameters),
            JsonSerializer.Serialize(result.Heads.ToDictionary(head => head.Key, head => head.Value.Metrics), RegistryJson.Default.DictionaryStringQualityFigures), now, now);
    }
}
