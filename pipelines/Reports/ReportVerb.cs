using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
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
        var param = new Option<string[]>("--param") { Description = "A parameter of the report; may be repeated.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var format = new Option<string>("--format") { Description = "How the answer is written.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "json");
        var output = new Option<FileInfo?>("--output") { Description = "Write to FILE instead of the console.", HelpName = "FILE" };
        var command = Verb.Create("report", "Runs a report over a store, or lists the reports.", [db, param, format, output], (parsed, _) =>
        {
            if (parsed.GetValue(name) is not { } report)
            {
                List();
                return Task.FromResult(0);
            }
            ReportRunner.Describe(report);
            var given = Parameters(parsed.GetValue(param)!);
            using var store = StoreOption.OpenExisting(parsed.GetValue(db) ?? throw new RefusedException($"report {report} needs a store: --db URL"));
            Write(report, new ReportRunner(store).Run(report, given), parsed.GetValue(format)!, parsed.GetValue(output));
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

    private static Dictionary<string, string> Parameters(string[] texts)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new RefusedException($"--param '{text}' is not NAME=VALUE");
            if (!given.TryAdd(text[..equals], text[(equals + 1)..])) throw new RefusedException($"--param {text[..equals]} is given twice");
        }
        return given;
    }

    private static void Write(string report, Table table, string format, FileInfo? output)
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
            "json" => ReportFormat.Json(report, table),
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
