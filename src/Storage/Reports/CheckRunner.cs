using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>Runs the checks of <c>sql/checks</c>: queries that return no row where the data is sound.</summary>
/// <param name="store">A migrated store; its thread rule holds here too.</param>
public sealed class CheckRunner(IRecsStore store)
{
    private const string Folder = "sql/checks";
    private static readonly Dictionary<string, object> None = [];

    /// <summary>The names of all checks, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = SqlResources.Names(Folder);

    /// <summary>What check <paramref name="name"/> holds to be true.</summary>
    /// <exception cref="RefusedException">There is no such check.</exception>
    public static Report Describe(string name)
    {
        if (Names.Contains(name)) return Report.Load(Folder, name);
        throw new RefusedException($"there is no check '{name}'; did you mean {NearestNames.Nearest(name, Names)}? Checks are {string.Join(", ", Names)}");
    }

    /// <summary>The rows that break check <paramref name="name"/>.</summary>
    /// <exception cref="RefusedException">There is no such check.</exception>
    public Table Run(string name) => store.Query(Describe(name).Sql, None);

    /// <summary>Every check that is broken, with the rows that break it; empty where all is sound.</summary>
    public IReadOnlyList<(string Name, Table Rows)> RunAll() =>
        [.. Names.Select(name => (Name: name, Rows: Run(name))).Where(check => check.Rows.Rows.Count > 0)];
}
