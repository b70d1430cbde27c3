using System.Globalization;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Train;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Check;

/// <summary><c>recs check --training FILE</c>.</summary>
internal static class TrainingRowsCheck
{
    private const int ShownColumns = 15;

    /// <returns>0 when nothing is wrong, 1 otherwise.</returns>
    public static int Run(string file, string? config, FileInfo? json)
    {
        var told = TrainConfig.Read(config ?? TrainConfig.Bundled);
        var table = TableFile.Read(file, told.Schema, told.Heads);
        var (valid, test) = told.Periods(table);
        var found = TrainingChecks.Run(table, valid, test);
        var console = Terminal.Open();
        TableText.Show(new Table(["column", "psi", "most_common", .. told.Heads.Where(head => found.Columns[0].AucAlone.ContainsKey(Name(head))).Select(head => $"auc_alone_{Name(head)}")], [.. found.Columns.OrderByDescending(column => column.Psi).Take(ShownColumns)
            .Select(column => (IReadOnlyList<object?>)[column.Name, Rounded(column.Psi), Rounded(column.CommonShare), .. told.Heads.Where(head => column.AucAlone.ContainsKey(Name(head))).Select(head => (object?)Rounded(column.AucAlone[Name(head)]))])]), console);
        if (found.Columns.Count > ShownColumns) Console.Out.WriteLine($"… and {found.Columns.Count - ShownColumns} more columns that moved less");
        foreach (var warning in found.Warnings) Console.Out.WriteLine($"warning: {warning}");
        foreach (var error in found.Errors) Console.Out.WriteLine($"error: {error}");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"check: {found.Rows:N0} rows, {found.Errors.Count} errors, {found.Warnings.Count} warnings"));
        Verb.WriteJson(json, found, TrainingCheckJson.Default.TrainingCheckResult);
        return found.Sound ? 0 : 1;
    }

    private static string Name(Domain.Events.InteractionType head) => Domain.Wire.ActionNames.Of(head);

    private static double Rounded(double value) => Math.Round(value, 4);
}
