using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Evaluate;
using Recs.Pipelines.Page;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Quality;

/// <summary><c>recs quality</c>: the published protocol of a data set.</summary>
internal static class QualityVerb
{
    public static Command Create(TimeProvider clock)
    {
        var dataset = new Option<string>("--dataset") { Description = $"One of {string.Join(", ", QualityProtocol.All.Select(known => known.Dataset))}.", HelpName = "NAME", Required = true };
        var data = new Option<string>("--data") { Description = "The data set's folder.", HelpName = "DIR", Required = true };
        var test = new Option<string?>("--test") { Description = "A test file that lies elsewhere, in the layout of the published one; without it the protocol says what is judged.", HelpName = "FILE" };
        var seed = new Option<int>("--seed") { Description = "Seed of everything that is drawn.", HelpName = "K", DefaultValueFactory = _ => 7 };
        var backend = new Option<string>("--backend") { Description = "What embeds: cpu, or cuda where there is an NVIDIA GPU.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
        backend.AcceptOnlyFromAmong("cpu", "cuda");
        var learner = LearnerOption.Create("What learns; the protocol's own choice where it is not given.");
        var html = new Option<FileInfo?>("--html") { Description = "Write a page with figures and drawings to FILE.", HelpName = "FILE" };
        var json = Verb.JsonOption();
        return Verb.Create("quality", "Judges the ranker by the published protocol of a data set, with baselines and ablations.", [dataset, data, test, seed, learner, backend, html, json], async (parsed, cancel) =>
        {
            var protocol = QualityProtocol.Find(parsed.GetValue(dataset)!);
            if (parsed.GetValue(learner) is { } chosen) protocol.Require(chosen);
            var folder = parsed.GetValue(data)!;
            if (!Directory.Exists(folder)) throw new RefusedException($"there is no folder {folder}; --data names the folder of {protocol.Dataset}");
            if (parsed.GetValue(test) is { } file)
            {
                if (protocol.TestFile is null) throw new RefusedException($"{protocol.Dataset} has no test file; --data names the folder that is judged");
                if (!File.Exists(file)) throw new RefusedException($"there is no file {file}; --test names {protocol.TestFile}");
            }
            var console = Terminal.Open();
            var board = new StageBoard(console, clock);
            var request = new QualityRequest(folder, parsed.GetValue(test), parsed.GetValue(seed), parsed.GetValue(backend) == "cuda" ? Backend.Cuda : Backend.Cpu, parsed.GetValue(learner));
            var outcome = await protocol.Judge(request, board, cancel);
            var intervals = outcome.Rankings.Count == 0 ? outcome.Result.Intervals : await board.Run("bootstrap", "drawing users again", _ =>
                Task.FromResult(($"{Bootstrap.Draws} draws", Bootstrap.Intervals(outcome.Rankings, request.Seed, cancel))));
            var result = outcome.Result with { Seconds = board.Seconds, Intervals = intervals };
            Show(result, console);
            if (parsed.GetValue(html) is { } page)
                QualityPage.Of($"Quality: {result.Dataset}", [result.Protocol + ".", Rows(result)], [.. Lines(result)], result.Intervals, outcome.Rankings, Leaning.Gains(outcome.Importance)).Write(page);
            Verb.WriteJson(parsed.GetValue(json), result, QualityJson.Default.QualityResult);
            return 0;
        });
    }

    private static void Show(QualityResult result, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine($"Protocol: {result.Protocol}.");
        console.WriteLine(Rows(result));
        console.WriteLine();
        var lines = Lines(result).Where(line => line.Figures.All().Any()).ToList();
        var names = lines.SelectMany(line => line.Figures.All().Select(figure => figure.Name)).Distinct().ToList();
        TableText.Show(new Table(["", .. names], [.. lines.Select(line => (IReadOnlyList<object?>)[line.Name, .. names.Select(name => Cell(line.Figures, name))])]), console);
    }

    private static string Rows(QualityResult result) => string.Create(CultureInfo.InvariantCulture, $"Rows: train {result.Rows.Train:N0}, valid {result.Rows.Valid:N0}, test {result.Rows.Test:N0}.");

    /// <summary>Every set of figures with its name, the judged one first; what is the judged one under another name is not told again.</summary>
    public static IEnumerable<(string Name, QualityFigures Figures)> Lines(QualityResult result)
    {
        yield return ("metrics", result.Metrics);
        foreach (var (name, figures) in result.Ablations) yield return (name, figures);
        if (result.Prequential is { } prequential && prequential != result.Metrics) yield return ("prequential", prequential);
        if (result.UnseenPairs is { } unseen) yield return ("unseen_pairs", unseen);
        if (result.NoUser is { } noUser) yield return ("no_user", noUser);
        if (result.Cold is { } cold) yield return ("cold", cold);
        if (result.Valid != result.Metrics) yield return ("valid", result.Valid);
    }

    private static string Cell(QualityFigures figures, string name) => figures.All().Where(figure => figure.Name == name)
        .Select(figure => figure.Value.ToString(Math.Abs(figure.Value) >= 1000 ? "0" : name is "ips" or "snips" or "dm" or "dr" ? "0.00000000000" : figure.Value == Math.Floor(figure.Value) ? "0" : "0.0000", CultureInfo.InvariantCulture))
        .FirstOrDefault("");
}
