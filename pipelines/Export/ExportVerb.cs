using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Reports;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Export;

/// <summary><c>recs export</c>: a mart or a report's answer as an Arrow or Parquet file.</summary>
internal static class ExportVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A mart or a report; recs report lists the reports, sql/README.md the marts." };
        var db = StoreOption.Create();
        var parameters = new ReportOptions();
        var output = new Option<FileInfo>("--output") { Description = "The file: its ending says whether Arrow (.arrow) or Parquet (.parquet).", HelpName = "FILE", Required = true };
        var command = Verb.Create("export", "Writes a mart or a report's answer as an Arrow or Parquet file.", [db, .. parameters.All, output], (parsed, cancel) =>
        {
            var file = parsed.GetValue(output)!;
            var isArrow = file.Extension switch
            {
                ".arrow" => true,
                ".parquet" => false,
                _ => throw new RefusedException($"--output {file.Name} ends in '{file.Extension}', expected .arrow or .parquet"),
            };
            var asked = ReportOptions.NameOf(parsed.GetValue(name)!);
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            store.RefreshMarts(cancel: cancel);
            if (MartReader.ReadsClusters(asked)) store.RefreshClusters(cancel: cancel);
            var rows = 0L;
            new MartReader(store).Read(asked, parameters.Given(parsed), (columns, read) =>
            {
                var counted = read.Select(row =>
                {
                    cancel.ThrowIfCancellationRequested();
                    rows++;
                    return row;
                });
                if (isArrow) ArrowTable.Write(file, asked, columns, counted);
                else ParquetTable.Write(file, asked, columns, counted);
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"export: {rows:N0} rows of {asked} in {file.FullName}"));
            return Task.FromResult(0);
        });
        command.Arguments.Add(name);
        return command;
    }
}
