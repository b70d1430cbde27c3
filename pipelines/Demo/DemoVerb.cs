using System.CommandLine;
using Recs.Api;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Features;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Demo;

/// <summary><c>recs demo</c>.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        var dataset = new Option<string>("--dataset") { Description = $"One of {string.Join(", ", Dataset.All.Select(known => known.Name))}.", HelpName = "NAME", DefaultValueFactory = _ => "online-retail" };
        var data = new Option<string?>("--data") { Description = "The data set's folder; needed unless it is bundled.", HelpName = "DIR" };
        var output = new Option<string>("--output") { Description = "Where the store, the model and the scores go.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine(".recs", "demo") };
        var features = FeaturesFile.Option();
        var seed = new Option<int>("--seed") { Description = "Seed of everything that is drawn.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var learner = new Option<Learner>("--learner") { Description = "What grows the trees; LightGbm where its library loads.", HelpName = "LightGbm|FastTree", DefaultValueFactory = _ => Learners.Best };
        var backend = new Option<string>("--backend") { Description = "What embeds: cpu, or cuda where there is an NVIDIA GPU.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
        backend.AcceptOnlyFromAmong("cpu", "cuda");
        var noServe = new Option<bool>("--no-serve") { Description = "End after the summary instead of serving until Ctrl-C." };
        var url = new Option<string>("--url") { Description = "Where to serve.", HelpName = "http://HOST:PORT", DefaultValueFactory = _ => new ApiOptions().Url };
        var json = Verb.JsonOption();
        return Verb.Create("demo", "Runs the whole path in one process on a public data set: stream, store, embed, train, judge, score, serve.",
            [dataset, data, output, features, seed, learner, backend, noServe, url, json], async (parsed, cancel) =>
            {
                var chosen = Dataset.Find(parsed.GetValue(dataset)!);
                var folder = parsed.GetValue(data) ?? (chosen.BundledFolder is { } bundled ? Path.Combine(Home.Root, bundled)
                    : throw new RefusedException($"{chosen.Name} may not be bundled; say where it lies with --data DIR"));
                if (!Directory.Exists(folder)) throw new RefusedException($"there is no folder {folder}; --data names the folder of {chosen.Name}");
                var api = parsed.GetValue(noServe) ? null : new ApiOptions { Url = parsed.GetValue(url)!, Log = Console.Error.WriteLine };
                if (api is not null) ApiServer.RequireFreePort(api);
                var board = new StageBoard(Terminal.Open(), TimeProvider.System);
                await new DemoRun(chosen, new DemoFolder(parsed.GetValue(output)!), FeaturesFile.Read(parsed.GetValue(features) ?? FeaturesFile.Bundled), new TrainingOptions { Learner = parsed.GetValue(learner) }, parsed.GetValue(backend) == "cuda" ? Backend.Cuda : Backend.Cpu, board).Run(folder, parsed.GetValue(seed), api,
                    result => Verb.WriteJson(parsed.GetValue(json), result, DemoJson.Default.DemoResult), cancel);
                return 0;
            });
    }
}
