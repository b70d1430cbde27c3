using System.Text.Json;
using Recs.Storage;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>The SQL that people copy runs: the dashboard's panels and the example sessions, each statement on a store with marts.</summary>
public sealed class ExampleTests
{
    [Fact]
    public void Dashboard_EveryPostgresPanel_RunsAndHasTheColumnsThatGrafanaAsksFor()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        new SmallShop(3).Fill(store);
        using var dashboard = JsonDocument.Parse(File.ReadAllText(FileOf("pipelines/grafana/recs.json")));
        var asked = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Where(target => target.TryGetProperty("rawSql", out _)).Select(target => (Sql: target.GetProperty("rawSql").GetString()!, Form: target.GetProperty("format").GetString()!)).ToList();
        Assert.InRange(asked.Count, 5, 100);
        var filled = 0;
        foreach (var (sql, form) in asked)
        {
            // As Grafana writes its macros.
            var table = Ask(store, sql.Replace("$__timeFrom()", "'2011-11-01T00:00:00Z'", StringComparison.Ordinal).Replace("$__timeTo()", "'2011-12-01T00:00:00Z'", StringComparison.Ordinal));
            if (form == "time_series") Assert.Equal(["time", "metric", "value"], table.Columns);
            if (table.Rows.Count > 0) filled++;
        }
        Assert.True(filled >= asked.Count - 1, $"{filled} of {asked.Count} panels show anything"); // the shop has no experiments
    }

    [Fact]
    public void Session_OfPsql_EveryStatementRuns()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        new SmallShop(3).Fill(store);
        var answers = Statements("sql/examples/session.psql", '\\').Select(sql => Ask(store, sql.Replace(":'from'", "'2011-11-05'", StringComparison.Ordinal).Replace(":'to'", "'2011-11-06'", StringComparison.Ordinal))).ToList();
        Assert.Equal(6, answers.Count);
        Assert.All(answers, answer => Assert.NotEmpty(answer.Rows));
    }

    [Fact]
    public void Session_OfDuckDb_EveryStatementRunsAndTheExportedFileIsTheMart()
    {
        using var database = TestDatabase.DuckDb();
        var file = database.Url["duckdb:".Length..];
        using (var store = database.Open())
        {
            new SmallShop(3).Fill(store);
            ((SqlStore)store).Execute($"copy (select * from fct_impression) to '{file}.parquet' (format parquet)");
        }
        using var shell = (SqlStore)EventStore.Open("duckdb::memory:");
        var (selects, others) = (0, 0);
        foreach (var statement in Statements("sql/examples/explore.duckdb.sql", '.'))
        {
            var sql = statement.Replace("'recs.duckdb'", $"'{file}'", StringComparison.Ordinal).Replace("'fct_impression.parquet'", $"'{file}.parquet'", StringComparison.Ordinal).Replace("'sample.csv'", $"'{file}.csv'", StringComparison.Ordinal);
            if (sql.StartsWith("select", StringComparison.Ordinal))
            {
                selects++;
                var rows = shell.Query(sql, new Dictionary<string, object>()).Rows;
                if (sql.Contains("except", StringComparison.Ordinal)) Assert.Empty(rows);
                else if (sql.Contains("read_parquet", StringComparison.Ordinal)) Assert.NotEmpty(rows);
            }
            else
            {
                others++;
                shell.Execute(sql);
            }
        }
        Assert.Equal((4, 3), (selects, others));
        Assert.Equal(1_001, File.ReadAllLines(file + ".csv").Length);
    }

    /// <summary>The statements of a script, without the lines that are the program's own commands.</summary>
    private static IEnumerable<string> Statements(string path, char command) =>
        string.Join('\n', File.ReadAllLines(FileOf(path)).Where(line => !line.StartsWith(command) && !line.StartsWith("--", StringComparison.Ordinal))).Split(';').Select(statement => statement.Trim()).Where(statement => statement.Length > 0);

    private static Storage.Reports.Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());

    private static string FileOf(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Recs.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException($"no Recs.sln above {AppContext.BaseDirectory}"), path);
    }
}
