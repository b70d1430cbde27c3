using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Domain.Events;
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
        var lean = new Option<bool>("--importance") { Description = "Tell what each head leans on too: contributions of the columns, and what it loses without each column and each feature. Takes some seconds." };
        var html = new Option<FileInfo?>("--html") { Description = "Write a page with figures and drawings to FILE.", HelpName = "FILE" };
        var json = Verb.JsonOption();
        return Verb.Create("evaluate", "Judges a model on rows, or on a store's facts.", [model, db, input, from, seed, lean, html, json], async (parsed, cancel) =>
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
                RequireBothClasses(ranker, heads, table.Labels, first);
                return Task.FromResult(($"{heads.Count} heads", new EvaluateResult(ranker.Version, table.Rows - first, heads)));
            });
            if (parsed.GetValue(lean))
                result = await board.Run("importance", "dealing columns out anew", progress =>
                {
                    Dictionary<string, EvaluatedHead> heads = [];
                    foreach (var head in ranker.Heads)
                    {
                        var leaning = new ColumnImportance(head, table, first..table.Rows, parsed.GetValue(seed));
                        heads.Add(ActionNames.Of(head.Action), result.Heads[ActionNames.Of(head.Action)] with { Importance = leaning.Columns(cancel), Ablations = leaning.Ablations(cancel) });
                        progress.Report((double)heads.Count / ranker.Heads.Count);
                    }
                    return Task.FromResult(($"{ranker.Schema.Width} columns of {heads.Count} heads", result with { Heads = heads }));
                });
            foreach (var (name, head) in result.Heads)
                Console.WriteLine($"{name}: {string.Join(", ", head.Metrics.All().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.0000}")))}");
            foreach (var (name, head) in result.Heads) Leaning(name, head);
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

    // One head of several may lack a class in a period, a rare action's above all: then it has no AUC. Rows by which no head at all can be judged are refused.
    private static void RequireBothClasses(RankerModel model, Dictionary<string, EvaluatedHead> heads, IReadOnlyDictionary<InteractionType, float[]> labels, int first)
    {
        if (model.Heads.Any(head => head.IsAmount || heads[ActionNames.Of(head.Action)].Metrics.Auc is not null)) return;
        throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"the rows hold one class only: {string.Join(", ", model.Heads.Select(head => $"{ActionNames.Of(head.Action)} is {labels[head.Action][first]}"))} in all {labels[model.Heads[0].Action].Length - first:N0}; a head is judged by rows with and without its action"));
    }

    /// <summary>Columns told on the console.</summary>
    private const int TopColumns = 10;

    private static void Leaning(string name, EvaluatedHead head)
    {
        if (head.Importance is not { } columns) return;
        Console.WriteLine($"{name} leans on (mean |contribution|; AUC lost when dealt out anew, of an amount: error gained):");
        foreach (var column in columns.Take(TopColumns))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {column.Column,-32} {(column.MeanContribution is { } mean ? mean.ToString("0.0000", CultureInfo.InvariantCulture) : "–"),8} {column.Loss,9:0.00000}"));
        foreach (var (feature, figures) in head.Ablations ?? new Dictionary<string, QualityFigures>())
            Console.WriteLine($"  without {feature}: {string.Join(", ", figures.All().Take(3).Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.0000}")))}");
    }

    // The page is of the first head that predicts a probability; the figures are of all.
    private static void Page(RankerModel model, TrainingTable table, int first, EvaluateResult result, FileInfo file)
    {
        var head = model.Heads.FirstOrDefault(known => !known.IsAmount);
        var name = head is null ? null : ActionNames.Of(head.Action);
        var leaning = name is null ? null : result.Heads[name];
        static List<Leaning> Bars(IReadOnlyList<ImportantColumn> columns) => columns.Count == 0 ? [] :
        [
            .. columns.Any(column => column.MeanContribution is not null) ? [new Leaning("Mean absolute contribution to the raw score (TreeSHAP).", [.. columns.Select(column => (column.Column, column.MeanContribution ?? 0))])] : Array.Empty<Leaning>(),
            new("What AUC loses when the column is dealt out among the rows anew.", [.. columns.OrderByDescending(column => column.Loss).Select(column => (column.Column, column.Loss))]),
        ];
        QualityPage.Of($"Model {model.Version}", [$"{result.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows; embedding version {model.EmbeddingVersion}.{(name is null ? "" : $" Curves are of {name}.")}"],
            [.. result.Heads.Select(entry => (entry.Key, entry.Value.Metrics)), .. (leaning?.Ablations ?? new Dictionary<string, QualityFigures>()).Select(ablation => ($"{name} without {ablation.Key}", ablation.Value))], name is null ? null : result.Heads[name].Intervals,
            head is null ? [] : [(name!, table.Judge(head, first..table.Rows))], Bars(leaning?.Importance ?? [])).Write(file);
    }
}

/// <summary>What <c>recs evaluate --json</c> writes.</summary>
internal sealed record EvaluateResult(string Model, int Rows, IReadOnlyDictionary<string, EvaluatedHead> Heads);

/// <summary>One head.</summary>
internal sealed record EvaluatedHead(QualityFigures Metrics, IReadOnlyDictionary<string, QualityInterval>? Intervals)
{
    /// <summary>Only with <c>--importance</c>: every column, the one that matters most first.</summary>
    public IReadOnlyList<ImportantColumn>? Importance { get; init; }

    /// <summary>Only with <c>--importance</c>: the figures with a feature's columns dealt out anew, by feature.</summary>
    public IReadOnlyDictionary<string, QualityFigures>? Ablations { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluateResult))]
internal sealed partial class EvaluateJson : JsonSerializerContext;
