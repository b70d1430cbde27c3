using System.Text.RegularExpressions;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>
/// What must be in a store before a report means anything. A line <c>-- needs NAME</c> in a report's head names a query of <c>sql/reports/needs</c>
/// that reads the report's parameters and returns one sentence for each thing that is wrong; no row where all is there.
/// </summary>
internal static partial class ReportNeeds
{
    private const string Folder = "sql/reports/needs";

    /// <exception cref="RefusedException">A need is not met; the message is the query's first sentence.</exception>
    public static void Hold(IRecsStore store, Report report, IReadOnlyDictionary<string, object> values)
    {
        foreach (Match need in Declaration().Matches(report.Sql))
        {
            var sql = SqlResources.Text(Folder, need.Groups["name"].Value);
            var problems = store.Query(sql, SqlText.Parameters(sql).ToDictionary(name => name, name => values[name]));
            if (problems.Rows.Count > 0) throw new RefusedException($"report {report.Name}: {problems.Rows[0][0]}");
        }
    }

    [GeneratedRegex(@"^-- needs (?<name>\w+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();
}
