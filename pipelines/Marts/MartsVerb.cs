using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Pipelines.CommandLine;
using Recs.Storage.Marts;

namespace Recs.Pipelines.Marts;

/// <summary><c>recs marts</c>: brings the marts that are tables up to the facts, and the clusters up to the embeddings.</summary>
internal static class MartsVerb
{
    public static Command Create()
    {
        var db = StoreOption.Create();
        var rebuild = new Option<bool>("--rebuild") { Description = "Make every day anew, not only those that facts have changed, and the clusters." };
        var json = Verb.JsonOption();
        return Verb.Create("marts", "Makes the days of the marts again that facts have changed since the last time; stopped half-way it leaves whole days, and the next call goes on. Clusters of embeddings are made anew where vectors have changed.",
            [db, rebuild, json], (parsed, cancel) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var done = store.RefreshMarts(parsed.GetValue(rebuild), cancel);
                foreach (var mart in done)
                    Console.WriteLine($"{mart.Mart}: {(mart.Days == 0 ? "up to date" : $"{mart.Days} {(mart.Days == 1 ? "day" : "days")} made again, {mart.Rows} rows in them")}{(mart.IsRebuilt ? " (all days were due)" : "")}");
                var clusters = store.RefreshClusters(parsed.GetValue(rebuild), cancel);
                Console.WriteLine(clusters.Version is null ? "dim_item_cluster: no embeddings" : $"dim_item_cluster: {(clusters.IsMade ? "made of" : "up to date with")} version {clusters.Version}, {clusters.Items} items in {clusters.Clusters} clusters");
                Verb.WriteJson(parsed.GetValue(json), new MartsResult(done, clusters), MartsJson.Default.MartsResult);
                return Task.FromResult(0);
            });
    }
}

/// <summary>What <c>recs marts --json</c> writes.</summary>
/// <param name="Marts">One for each mart that is a table made by the day.</param>
/// <param name="Clusters">Of the newest embedding version.</param>
internal sealed record MartsResult(IReadOnlyList<MartRefresh> Marts, ClusterRefresh Clusters);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(MartsResult))]
internal sealed partial class MartsJson : JsonSerializerContext;
