using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Models;

/// <summary><c>recs models</c>: the registry of a store.</summary>
internal static class ModelsVerb
{
    public static Command Create(TimeProvider clock)
    {
        var models = new Command("models", "Lists the models of a store, promotes one to be live, or retires one.");
        models.Subcommands.Add(List());
        models.Subcommands.Add(Promote(clock));
        models.Subcommands.Add(Retire(clock));
        return models;
    }

    private static Command List()
    {
        var db = StoreOption.Create();
        var json = Verb.JsonOption();
        return Verb.Create("list", "Lists the models in order of registration.", [db, json], (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var known = store.Models();
            TableText.Show(new Table(["version", "status", "parent", "embedding", "data_to", "registered", "metrics", "folder"], [.. known.Select(model =>
                (IReadOnlyList<object?>)[model.Version, StatusOf(model), model.Parent, model.EmbeddingVersion, model.To, model.Registered, model.Metrics, model.Folder])]), Terminal.Open());
            Verb.WriteJson(parsed.GetValue(json), new ModelsResult([.. known.Select(model => new ModelEntry(model.Version, StatusOf(model), model.Parent, model.Folder, model.SchemaHash, model.EmbeddingVersion,
                model.From?.ToString(), model.To?.ToString(), model.Registered.ToString(), model.Changed.ToString(), Json(model.Parameters), Json(model.Metrics)))]), ModelsJson.Default.ModelsResult);
            return Task.FromResult(0);
        });
    }

    private static Command Promote(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var version = new Argument<string>("VERSION") { Description = "The model's version, as recs models list tells it." };
        var defaults = new Guardrails();
        var auc = new Option<double>("--auc") { Description = "AUC it may be lower than the live model's.", HelpName = "N", DefaultValueFactory = _ => defaults.Auc };
        var logloss = new Option<double>("--logloss") { Description = "Share by which its log-loss (of amounts: RMSE) may be higher.", HelpName = "N", DefaultValueFactory = _ => defaults.Logloss };
        var ece = new Option<double>("--ece") { Description = "Calibration error it may be higher.", HelpName = "N", DefaultValueFactory = _ => defaults.Ece };
        var command = Verb.Create("promote", "Makes a model the live one, unless it loses to the one that is; both are judged on the same rows of the store.", [db, auc, logloss, ece], (parsed, cancel) =>
        {
            foreach (var option in new[] { auc, logloss, ece })
                if (parsed.GetValue(option) is not (>= 0 and <= 1)) throw new RefusedException($"{option.Name} is {parsed.GetValue(option)}, range 0 to 1");
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var known = store.Models();
            var candidate = known.FirstOrDefault(model => model.Version == parsed.GetValue(version)) ?? throw Unknown(parsed.GetValue(version)!, known);
            var live = known.FirstOrDefault(model => model.Status == ModelStatus.Live);
            if (live is not null && live.Version != candidate.Version)
            {
                var limit = parsed.GetValue(logloss);
                var judged = SameRows.Judge(store, candidate, live, cancel);
                Console.WriteLine(FormattableString.Invariant($"both judged on {judged.Rows:N0} rows of the candidate's judged period and later"));
                var checks = new Guardrails { Auc = parsed.GetValue(auc), Logloss = limit, Rmse = limit, Ece = parsed.GetValue(ece) }.Compare(judged.Candidate, judged.Live);
                TableText.Show(new Table(["head", "metric", "candidate", "live", "limit", "holds"], [.. checks.Select(check =>
                    (IReadOnlyList<object?>)[check.Head, check.Metric, check.Candidate, check.Live, check.Limit, check.Holds])]), Terminal.Open());
                if (checks.Where(check => !check.Holds).ToList() is { Count: > 0 } lost)
                    throw new RefusedException($"model {candidate.Version} loses to the live {live.Version}: " + string.Join("; ", lost.Select(check =>
                        FormattableString.Invariant($"{check.Head} {check.Metric} {(check.Candidate is { } value ? value.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture) : "none")} against {check.Live:0.0000}, limit {check.Limit}"))));
            }
            store.PromoteModel(candidate.Version, live?.Version, Timestamp.Now(clock));
            Console.WriteLine(live is null || live.Version == candidate.Version ? $"model {candidate.Version} is live" : $"model {candidate.Version} is live, {live.Version} is retired");
            return Task.FromResult(0);
        });
        command.Arguments.Add(version);
        return command;
    }

    private static Command Retire(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var version = new Argument<string>("VERSION") { Description = "The model's version." };
        var command = Verb.Create("retire", "Takes a model out of use.", [db], (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            store.RetireModel(parsed.GetValue(version)!, Timestamp.Now(clock));
            Console.WriteLine($"model {parsed.GetValue(version)} is retired");
            return Task.FromResult(0);
        });
        command.Arguments.Add(version);
        return command;
    }

    private static RefusedException Unknown(string version, IReadOnlyList<RegisteredModel> known) => new(known.Count == 0
        ? $"no model {version} is registered, nor any other; recs train --db registers what it trains"
        : $"no model {version} is registered; the last ones are {string.Join(", ", known.TakeLast(5).Select(model => model.Version))}");

    private static string StatusOf(RegisteredModel model) => model.Status.ToString().ToLowerInvariant();

    private static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;
}

/// <summary>What <c>recs models list --json</c> writes.</summary>
internal sealed record ModelsResult(IReadOnlyList<ModelEntry> Models);

/// <summary>One model.</summary>
internal sealed record ModelEntry(string Version, string Status, string? Parent, string Folder, string SchemaHash, string EmbeddingVersion, string? DataFrom, string? DataTo, string Registered, string Changed,
    System.Text.Json.JsonElement Parameters, System.Text.Json.JsonElement Metrics);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ModelsResult))]
internal sealed partial class ModelsJson : JsonSerializerContext;
