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
        var (facts, mart) = (0, 0);
        foreach (var report in ReportRunner.Names.Select(ReportRunner.Describe).Where(report => report.Parameters.Any(parameter => parameter.Name == "from")))
        {
            // Versions of users are facts too: they hold from their day on, and have an index of their own.
            // What users did before an experiment is asked for by days of its own.
            Dictionary<string, string> days = report.Parameters.Any(parameter => parameter.Name == "pre_from") ? new(asked) { ["pre_from"] = asked["from"] } : asked;
            var plan = string.Join('\n', planner.Query("explain " + report.Sql, report.Values(days)).Rows.Select(row => (string)row[0]!).Where(line => !line.Contains("_user_id_event_time_idx", StringComparison.Ordinal)));
            foreach (var scan in plan.Split("->").Where(scan => !IsBoundWhenRun(scan)))
            {
                if (Partition().Match(scan) is not { Success: true } match) continue;
                var part = DateOnly.ParseExact(match.Groups["day"].Value, "yyyyMMdd", CultureInfo.InvariantCulture);
                if (match.Groups["table"].Value == "fact") facts++;
                else mart++;
                // A decision may be shown on any later day.
                var last = report.Name == "off_policy_rewards" && match.Groups["table"].Value != "fact" ? DateOnly.MaxValue : Last;
                Assert.True(part >= First && part <= last, $"{report.Name} reads {match.Value.TrimStart()}:\n{plan}");
            }
        }
        Assert.True(facts > 0 && mart > 0);
    }

    /// <summary>The days come out of another part of the query: the plan names every partition, and those outside of them are left out when it runs.</summary>
    private static bool IsBoundWhenRun(string scan) => scan.Contains("day >= $", StringComparison.Ordinal) && scan.Contains("day <= $", StringComparison.Ordinal);

    [GeneratedRegex(@" on (?<table>fact|fct_impression)_(?<day>\d{8})\b", RegexOptions.CultureInvariant)]
    private static partial Regex Partition();
}
