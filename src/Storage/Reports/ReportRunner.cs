using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>Runs the reports of <c>sql/reports</c> by name.</summary>
/// <param name="store">A migrated store; its thread rule holds here too.</param>
public sealed class ReportRunner(IRecsStore store)
{
    private const string Folder = "sql/reports";

    /// <summary>The names of all reports, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = SqlResources.Names(Folder);

    /// <summary>What report <paramref name="name"/> answers and takes.</summary>
    /// <exception cref="RefusedException">There is no such report.</exception>
    public static Report Describe(string name)
    {
        if (Names.Contains(name)) return Report.Load(Folder, name);
        throw new RefusedException($"there is no report '{name}'; did you mean {NearestNames.Nearest(name, Names)}? Reports are {string.Join(", ", Names)}");
    }

    /// <summary>Runs a report.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="parameters">Texts by parameter name; what is left out takes its default.</param>
    /// <exception cref="RefusedException">There is no such report or parameter, a text is not of the parameter's type, or the store lacks what the report needs.</exception>
    public Table Run(string name, IReadOnlyDictionary<string, string> parameters)
    {
        var report = Describe(name);
        var values = report.Values(parameters);
        ReportNeeds.Hold(store, report, values);
        return store.Query(report.Sql, values);
    }
}
