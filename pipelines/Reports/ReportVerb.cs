using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Page;
using Recs.Pipelines.Policy;
using Recs.Ranker.Model;
using Recs.Storage;
using Recs.Storage.Reports;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Reports;

/// <summary><c>recs report</c>: the reports of <c>sql/reports</c> by name, or the list of them.</summary>
internal static class ReportVerb
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "The report; left out, the reports are listed.", Arity = ArgumentArity.ZeroOrOne };
        var db = StoreOption.Create();
        db.Required = false; // the list needs no store
        var parameters = new ReportOptions();
        var policy = PolicyFile.Option();
        policy.Description = "Of what-if: the other rules of the slate, a YAML file as pipelines/policy.yaml.";
        var models = new Option<string[]>("--model") { Description = "Of what-if: the folder of a model that answered; repeat it for several.", HelpName = "DIR", DefaultValueFactory = _ => [] };
        var format = new Option<string>("--format") { Description = "How the answer is written.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "json", "html");
        var asIs = new Option<bool>("--as-is") { Description = "Read the marts as recs marts left them last; else they are brought up to the facts first." };
        var output = new Option<FileInfo?>("--output") { Description = "Write to FILE instead of the console.", HelpName = "FILE" };
        var command = Verb.Create("report", "Runs a report over a store, or lists the reports.", [db, .. parameters.All, asIs, policy, models, format, output], (parsed, cancel) =>
        {
            if (parsed.GetValue(name) is not { } typed)
            {
                List();
                return Task.FromResult(0);
            }
            var isWhatIf = ReportOptions.NameOf(typed) == ReportOptions.NameOf(WhatIf.WhatIf.Name);
            var report = ReportRunner.Describe(isWhatIf ? "off_policy" : ReportOptions.NameOf(typed));
            if (!isWhatIf && (parsed.GetValue(policy) is not null || parsed.GetValue(models)!.Length > 0)) throw new RefusedException($"--policy and --model are what-if's; report {report.Name} takes neither");
            var given = parameters.Given(parsed);
            using var store = StoreOption.OpenExisting(parsed.GetValue(db) ?? throw new RefusedException($"report {report.Name} needs a store: --db URL"));
            if (!parsed.GetValue(asIs))
            {
                store.RefreshMarts(cancel: cancel);
                if (MartReader.ReadsClusters(report.Name)) store.RefreshClusters(cancel: cancel);
            }
            var table = isWhatIf
                ? Judge(store, parsed.GetValue(policy) ?? throw new RefusedException("report what-if needs the other policy: --policy FILE"), parsed.GetValue(models)!, given, cancel)
                : new ReportRunner(store).Run(report.Name, given);
            if (table.Rows.Count == 0 && !report.MayBeEmpty) throw new RefusedException($"report {report.Name} has no data{Asked(report, given)} in {store.Name}");
            Write(report, given, table, parsed.GetValue(format)!, parsed.GetValue(output));
            return Task.FromResult(0);
        });
        command.Arguments.Add(name);
        return command;
    }

    private static void List()
    {
        var console = Terminal.Open();
        var reports = ReportRunner.Names.Select(ReportRunner.Describe).ToList();
        TableText.Show(new Table(["report", "answers", "parameters"],
            [.. reports.Select(report => new object?[] { report.Name, report.Summary, string.Join(", ", report.Parameters.Select(known => $"{known.Name}={known.Default}")) })]), console);
    }

    private static Table Judge(IRecsStore store, string policy, string[] models, Dictionary<string, string> given, CancellationToken cancel)
    {
        if (models.Length == 0) throw new RefusedException("report what-if needs the models that answered: --model DIR, once for each");
        var judged = new WhatIf.WhatIf(store, [.. models.Select(RankerModel.Load)]).Run(PolicyFile.Read(policy), given, cancel);
        if (judged.Skipped.Count > 0) Console.Error.WriteLine($"recs report: {judged.Skipped.Count} decisions could not be made again and are left out; the first: {judged.Skipped.First().Value}");
        return judged.Estimates;
    }

    private static string Asked(Report report, Dictionary<string, string> given)
    {
        var asked = report.Parameters.Where(parameter => given.ContainsKey(parameter.Name)).Select(parameter => $"{parameter.Name} {given[parameter.Name]}").ToList();
        return asked.Count == 0 ? "" : $" for {string.Join(", ", asked)}";
    }

    private static string Page(Report report, Dictionary<string, string> given, Table table)
    {
        var page = new HtmlPage($"{report.Name.Replace('_', ' ')}{Asked(report, given)}");
        page.Paragraph(report.Summary);
        foreach (var chart in report.Charts)
            if (ChartDrawing.Draw(chart, table) is var (svg, caption)) page.Figure(svg, caption);
        page.Table(table.Columns, table.Rows.Select(row => row.Select(CellText.Short).ToList()));
        foreach (var line in report.Head) page.Paragraph(line);
        return page.Text();
    }

    private static void Write(Report report, Dictionary<string, string> given, Table table, string format, FileInfo? output)
    {
        if (format == "table" && output is null)
        {
            var console = Terminal.Open();
            TableText.Show(table, console);
            if (Terminal.IsOne(console)) console.MarkupLine($"[grey]{table.Rows.Count} {(table.Rows.Count == 1 ? "row" : "rows")}[/]");
            return;
        }
        var text = format switch
        {
            "csv" => ReportFormat.Csv(table),
            "json" => ReportFormat.Json(report.Name, table),
            "html" => Page(report, given, table),
            _ => TableText.Aligned(table),
        };
        if (output is null)
        {
            Console.Out.Write(text);
            return;
        }
        using var file = new PartialFile(output);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true)) writer.Write(text);
        file.Keep();
    }
}
