using System.Globalization;
using System.Text.RegularExpressions;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>A report that is asked for a range of days can be answered from these days: no plan needs all of a mart, or facts of other days.</summary>
public sealed partial class PlanTests
{
    private static readonly DateOnly First = RandomFeed.SqlDay(RandomFeed.Start.DayIndex + 8), Last = RandomFeed.SqlDay(RandomFeed.Start.DayIndex + 10);

    [Fact]
    public void Plans_OnPostgres_ReadTheDaysAskedForOnly()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        store.Append(new AppendBatch([.. new RandomFeed(3).Events.Select(told => new Domain.Events.Fact(told, told.Time))], [], []));
        store.RefreshMarts();
        // A small table is read whole whatever there is beside it: the question is whether there is another way.
        ((SqlStore)store).Execute("do $$ begin execute format('alter database %I set enable_seqscan = off', current_database()); execute format('alter database %I set enable_bitmapscan = off', current_database()); end $$");
        using var planner = EventStore.Open(database.Url + "?connect_timeout=16"); // another pool: connections of the first know the old setting
        var asked = new Dictionary<string, string> { ["from"] = First.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ["to"] = Last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
        Assert.Equal("off", planner.Query("show enable_seqscan", new Dictionary<string, object>()).Rows[0][0]);
        var read = 0;
        foreach (var report in ReportRunner.Names.Select(ReportRunner.Describe).Where(report => report.Parameters.Any(parameter => parameter.Name == "from")))
        {
            // Versions of users are facts too: they hold from their day on, and have an index of their own.
            var plan = string.Join('\n', planner.Query("explain " + report.Sql, report.Values(asked)).Rows.Select(row => (string)row[0]!).Where(line => !line.Contains("_user_id_event_time_idx", StringComparison.Ordinal)));
            Assert.False(plan.Contains("Seq Scan on fct_impression", StringComparison.Ordinal), $"{report.Name}:\n{plan}");
            foreach (var part in Partition().Matches(plan).Select(match => DateOnly.ParseExact(match.Groups["day"].Value, "yyyyMMdd", CultureInfo.InvariantCulture)))
            {
                read++;
                Assert.True(part >= First && part <= Last, $"{report.Name} reads facts of {part:yyyy-MM-dd}:\n{plan}");
            }
        }
        Assert.True(read > 0);
    }

    [GeneratedRegex(@" on fact_(?<day>\d{8})\b", RegexOptions.CultureInvariant)]
    private static partial Regex Partition();
}
