using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Domain.Wire;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Page;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Train;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Evaluate;

/// <summary><c>recs evaluate</c>: a model's figures on rows or on a store's facts.</summary>
internal static class EvaluateVerb
{
    public static Command Create(TimeProvider clock)
    {
        var model = Verb.ModelOption();
        var db = StoreOption.Create(required: false);
        var input = new Option<string?>("--input") { Description = "Rows to judge by: Parquet as recs train reads it.", HelpName = "FILE.parquet" };
        var from = MomentOption.Create("--from", "Only rows shown from then on.");
        var seed = new Option<int>("--seed") { Description = "Seed of the bootstrap.", HelpName = "K", DefaultValueFactory = _ => 7 };
        var html = new Option<FileInfo?>("--html") { Description = "Write a page with figures and drawings to FILE.", HelpName = "FILE" };
        var json = Verb.JsonOption();
        return Verb.Create("evaluate", "Judges a model on rows, or on a store's facts.", [model, db, input, from, seed, html, json], async (parsed, cancel) =>
        {
            var (url, file) = (parsed.GetValue(db), parsed.GetValue(input));
            if (url is null == file is null) throw new RefusedException("name what to judge by: --input FILE.parquet for rows, or --db URL for a store's facts");
            var ranker = RankerModel.Load(parsed.GetValue(model)!);
            var since = MomentOption.Read("--from", parsed.GetValue(from)) ?? new Timestamp(0);
            var board = new StageBoard(Terminal.Open(), clock);
            var table = await board.Run("rows", "making the rows", progress =>
            {
                var read = file is not null ? TableFile.Read(file, ranker.Schema, [.. ranker.Heads.Select(head => head.Action)]) : Replayed(url!, ranker, since, progress, cancel);
                return Task.FromResult((string.Create(CultureInfo.InvariantCulture, $"{read.Rows:N0} rows, from {read.Times[0]} to {read.Times[^1]}"), read));
            });
            if (ranker.EmbeddingVersion != table.EmbeddingVersion)
                throw new RefusedException($"the model was trained with embedding version {ranker.EmbeddingVersion}, the rows were made with {table.EmbeddingVersion}; make them with that version");
            var first = table.RowOf(since);
            if (first == table.Rows) throw new RefusedException($"no rows from {since} on; the last one is of {table.Times[^1]}");
            var result = await board.Run("judge", "judging", _ =>
            {
                var heads = ranker.Heads.ToDictionary(head => ActionNames.Of(head.Action), head => new EvaluatedHead(HeadFigures.Of(head, table, first..table.Rows),
                    head.IsAmount ? null : Bootstrap.Intervals([("model", table.Judge(head, first..table.Rows))], parsed.GetValue(seed), cancel)));
                return Task.FromResult(($"{heads.Count} heads", new EvaluateResult(ranker.Version, table.Rows - first, heads)));
            });
            foreach (var (name, head) in result.Heads)
                Console.WriteLine($"{name}: {string.Join(", ", head.Metrics.All().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.0000}")))}");
            if (parsed.GetValue(html) is { } page) Page(ranker, table, first, result, page);
            Verb.WriteJson(parsed.GetValue(json), result, EvaluateJson.Default.EvaluateResult);
            return 0;
        });
    }

    private static TrainingTable Replayed(string url, RankerModel model, Timestamp since, IProgress<double> progress, CancellationToken cancel)
    {
        using var store = StoreOption.OpenExisting(url);
        var vectors = model.EmbeddingVersion == "none" ? null : new ItemVectors(store.Embeddings(model.EmbeddingVersion));
        return ReplayedTable.Make(store.Read(new IngestOptions().Group).Facts.ToList(), vectors, model.Schema, [.. model.Heads.Select(head => head.Action)], since, weighted: false, progress, cancel);
    }

    // The page is of the first head that predicts a probability; the figures are of all.
    private static void Page(RankerModel model, TrainingTable table, int first, EvaluateResult result, FileInfo file)
    {
        var head = model.Heads.FirstOrDefault(known => !known.IsAmount);
        var name = head is null ? null : ActionNames.Of(head.Action);
        QualityPage.Of($"Model {model.Version}", [$"{result.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows; embedding version {model.EmbeddingVersion}.{(name is null ? "" : $" Curves are of {name}.")}"],
            [.. result.Heads.Select(entry => (entry.Key, entry.Value.Metrics))], name is null ? null : result.Heads[name].Intervals,
            head is null ? [] : [(name!, table.Judge(head, first..table.Rows))], []).Write(file);
    }
}

/// <summary>What <c>recs evaluate --json</c> writes.</summary>
internal sealed record EvaluateResult(string Model, int Rows, IReadOnlyDictionary<string, EvaluatedHead> Heads);

/// <summary>One head.</summary>
internal sealed record EvaluatedHead(QualityFigures Metrics, IReadOnlyDictionary<string, QualityInterval>? Intervals);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluateResult))]
internal sealed partial class EvaluateJson : JsonSerializerContext;
