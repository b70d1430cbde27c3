using System.Globalization;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>Reads marts and reports row by row, however many rows there are.</summary>
/// <param name="store">A migrated store; its thread rule holds here too, and nothing else may use it while rows are read.</param>
public sealed class MartReader(IRecsStore store)
{
    private const string Folder = "sql/marts";

    /// <summary>The names of all marts, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = SqlResources.Names(Folder);

    /// <summary>Whether a mart or report reads the clusters of embeddings, which have to be made first (<see cref="IRecsStore.RefreshClusters"/>); false where there is none of that name.</summary>
    public static bool ReadsClusters(string name) => new[] { Folder, "sql/reports" }
        .Any(folder => SqlResources.Names(folder).Contains(name) && SqlResources.Text(folder, name).Contains("item_cluster", StringComparison.Ordinal));

    /// <summary>Reads a mart, or the answer of a report.</summary>
    /// <param name="name">One of <see cref="Names"/> or of <see cref="ReportRunner.Names"/>.</param>
    /// <param name="parameters">Of a report; of a mart with days: from and to, UTC days, both included.</param>
    /// <param name="take">Takes the columns, then the rows; the array of a row is used again for the next one.</param>
    /// <exception cref="RefusedException">There is no such mart or report or parameter, a text is not of the parameter's type, or the store lacks what a report needs.</exception>
    public void Read(string name, IReadOnlyDictionary<string, string> parameters, Action<IReadOnlyList<TableColumn>, IEnumerable<object?[]>> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        if (!Names.Contains(name))
        {
            if (!ReportRunner.Names.Contains(name))
                throw new RefusedException($"there is no mart or report '{name}'; did you mean {NearestNames.Nearest(name, [.. Names, .. ReportRunner.Names])}? Marts are {string.Join(", ", Names)}; reports are {string.Join(", ", ReportRunner.Names)}");
            var report = ReportRunner.Describe(name);
            var values = report.Values(parameters);
            ReportNeeds.Hold(store, report, values);
            store.Read(report.Sql, values, take);
            return;
        }
        foreach (var key in parameters.Keys)
            if (key is not ("from" or "to")) throw new RefusedException($"mart {name} takes from and to, not {key}");
        // The name is one of this build's files, never what somebody typed; the days are parameters.
        var hasDays = Columns(name).Any(column => column.Name == "day");
        if (!hasDays && parameters.Count > 0) throw new RefusedException($"mart {name} has no days: leave out from and to");
        store.Read(hasDays ? $"select * from {name} where day between $from and $to" : $"select * from {name}",
            hasDays ? new() { ["from"] = Day(parameters, "from", new DateOnly(1970, 1, 1)), ["to"] = Day(parameters, "to", new DateOnly(9999, 12, 31)) } : [], take);
    }

    private IReadOnlyList<TableColumn> Columns(string mart)
    {
        IReadOnlyList<TableColumn> found = [];
        store.Read($"select * from {mart} limit 0", new(), (columns, _) => found = columns);
        return found;
    }

    private static DateOnly Day(IReadOnlyDictionary<string, string> parameters, string name, DateOnly otherwise) => !parameters.TryGetValue(name, out var text) ? otherwise
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new RefusedException($"{name} is '{text}', expected a date such as 2011-11-05");
}
