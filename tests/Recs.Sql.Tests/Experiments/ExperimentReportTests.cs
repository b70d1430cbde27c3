using Recs.Domain;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests.Experiments;

/// <summary>The reports of experiments against the same numbers worked out user by user in C#, one engine against the other, and what they refuse.</summary>
public sealed class ExperimentReportTests : IDisposable
{
    private readonly SmallExperiment _experiment = new(9);
    private readonly TestDatabase _database = TestDatabase.DuckDb();
    private readonly IRecsStore _store;

    public ExperimentReportTests()
    {
        _store = _database.Open();
        _experiment.Fill(_store);
    }

    [Theory]
    [InlineData("click_through", "rank")]
    [InlineData("clicks", "rank")]
    [InlineData("conversion_value", "ads")]
    [InlineData("click_through", "ads")]
    public void Experiment_ByArm_IsTheDeltaMethodAndCuped(string metric, string layer)
    {
        var table = new ReportRunner(_store).Run("experiment", Range(("metric", metric), ("layer", layer)));
        var expected = new ArmStatistics(_experiment, layer, metric).Compared(tau: 0.05);
        Assert.Equal(layer == "rank" ? 1 : 2, table.Rows.Count);
        Same(expected, table);
        Assert.All(table.Rows, row => Assert.NotNull(row[^1]));
    }

    [Theory]
    [InlineData("click_through", true)]
    [InlineData("conversion_value", false)] // so little apart that p stays 1; the interval is held against C# all the same
    public void Daily_EveryDay_IsTheExperimentUpToIt(string metric, bool saysSomething)
    {
        // In "ads" nobody changes arms, so that an earlier end leaves out no other users.
        var daily = new ReportRunner(_store).Run("experiment_daily", Range(("metric", metric), ("layer", "ads"), ("tau", "0.1"), ("least_users", "2")));
        var least = new Dictionary<string, double> { ["few"] = 1, ["many"] = 1 };
        for (var day = SmallExperiment.From; day <= SmallExperiment.To; day = day.AddDays(1))
        {
            var upTo = new ReportRunner(_store).Run("experiment", Range(("metric", metric), ("layer", "ads"), ("tau", "0.1"), ("to", $"{day:yyyy-MM-dd}")));
            foreach (var whole in upTo.Rows)
            {
                var arm = (string)whole[1]!;
                var row = Assert.Single(daily.Rows, row => (DateOnly)row[2]! == day && (string)row[1]! == arm);
                foreach (var column in new[] { "control_users", "users", "control_value", "value", "difference", "se" })
                    Tables.Same([[Of(upTo, whole, column)]], new([column], [[Of(daily, row, column)]]));
                if ((long)Of(daily, row, "control_users")! >= 2 && (long)Of(daily, row, "users")! >= 2) least[arm] = Math.Min(least[arm], Of(upTo, whole, "p_always") as double? ?? 1);
                if (Of(daily, row, "p_always") is double p) Assert.Equal(least[arm], p, 1e-9);
            }
        }
        Assert.Equal(saysSomething, least.Values.Any(p => p < 1));
        foreach (var row in daily.Rows.Where(row => (DateOnly)row[2]! == SmallExperiment.To))
        {
            var difference = (double)Of(daily, row, "difference")!;
            var (share, variance) = new ArmStatistics(_experiment, "ads", metric).Widest((string)row[1]!);
            var r = Math.Pow(0.1, 2) / share;
            var half = Math.Sqrt(variance * share) * Math.Sqrt((1 + r) / r * (Math.Log(1 + r) - 2 * Math.Log(0.05)));
            Assert.Equal(difference - half, (double)Of(daily, row, "always_low")!, 1e-9);
            Assert.Equal(difference + half, (double)Of(daily, row, "always_high")!, 1e-9);
        }
    }

    [Fact]
    public void Assignment_Shares_CountsUsersOfOneArmAndJudgesThem()
    {
        var table = new ReportRunner(_store).Run("experiment_assignment", Range(("layer", "rank"), ("shares", "control=30,fresh=60,never=10"), ("rho", "0.5")));
        var users = new ArmStatistics(_experiment, "rank", "clicks").Entered;
        var expected = new[] { ("control", 0.3), ("fresh", 0.6), ("never", 0.1) }.Select(arm => Expected(users, arm.Item1, arm.Item2, rho: 0.5)).ToList();
        var alarm = expected.Min(row => (double)row[8]!) <= 0.05;
        Assert.True(alarm); // nobody was put in "never"
        for (var row = 0; row < 3; row++)
            Same([[.. expected[row], table.Rows[row][9], table.Rows[row][10]]], new(table.Columns, [table.Rows[row]]));
        Assert.All(table.Rows, row => Assert.Equal(true, row[9]));
        Assert.All(new ReportRunner(_store).Run("experiment_assignment", Range()).Rows, row => Assert.Equal(false, row[9]));
    }

    [Theory]
    [InlineData("experiment", "layer=none", "there is no layer 'none'")]
    [InlineData("experiment_daily", "from=2031-01-01", "no decision from 2031-01-01")]
    [InlineData("experiment", "control=old", "there is no arm 'old' to compare with in any layer; arms are control, few, fresh, many")]
    [InlineData("experiment_assignment", "shares=control=1", "gives no weight for arm")]
    [InlineData("experiment_assignment", "shares=control=many", "'control=many'")]
    [InlineData("experiment_assignment", "shares=control=1.2.3,fresh=1", "'control=1.2.3'")]
    [InlineData("experiment_assignment", "shares=control=0,fresh=1", "'control=0'")]
    [InlineData("experiment", "metric=profit", "one of click_through, conversion_rate")]
    [InlineData("experiment", "tau=small", "expected a number")]
    public void Run_WhatCannotBeAnswered_IsRefusedWithTheReason(string report, string parameter, string reason)
    {
        var parts = parameter.Split('=', 2);
        var refused = Assert.Throws<RefusedException>(() => new ReportRunner(_store).Run(report, new Dictionary<string, string> { [parts[0]] = parts[1] }));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OneArm_IsRefused()
    {
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        store.Keep([_experiment.Decisions[0] with { Experiments = "rank=control" }]);
        foreach (var report in ReportRunner.Names.Where(name => name.StartsWith("experiment", StringComparison.Ordinal)))
        {
            var named = Assert.Throws<RefusedException>(() => new ReportRunner(store).Run(report, new Dictionary<string, string> { ["layer"] = "rank" }));
            Assert.Contains("layer 'rank' had one arm, 'control'", named.Message, StringComparison.Ordinal);
            Assert.Contains("every layer had one arm", Assert.Throws<RefusedException>(() => new ReportRunner(store).Run(report, new Dictionary<string, string>())).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_OnPostgres_GivesTheSameRows()
    {
        using var database = TestDatabase.Postgres();
        using var postgres = database.Open();
        _experiment.Fill(postgres);
        foreach (var name in ReportRunner.Names.Where(name => name.StartsWith("experiment", StringComparison.Ordinal)))
            foreach (var metric in new[] { "click_through", "conversion_value" })
            {
                var given = Range();
                if (ReportRunner.Describe(name).Parameters.Any(parameter => parameter.Name == "metric")) given["metric"] = metric;
                var expected = new ReportRunner(_store).Run(name, given);
                var actual = new ReportRunner(postgres).Run(name, given);
                Assert.Equal(expected.Columns, actual.Columns);
                Tables.Same(expected.Rows, actual);
            }
        const string Mart = "select * from fct_assignment order by user_id, day, layer, arm";
        Tables.Same(_store.Query(Mart, new Dictionary<string, object>()).Rows, postgres.Query(Mart, new Dictionary<string, object>()));
        Assert.Contains("layers are ads, rank", Assert.Throws<RefusedException>(() => new ReportRunner(postgres).Run("experiment", Range(("layer", "x")))).Message, StringComparison.Ordinal);
        Assert.Contains("expected ARM=WEIGHT", Assert.Throws<RefusedException>(() => new ReportRunner(postgres).Run("experiment_assignment", Range(("shares", "x")))).Message, StringComparison.Ordinal);
        Tables.Same(new ReportRunner(_store).Run("experiment_assignment", Range(("layer", "rank"), ("shares", "control=3,fresh=6.5"))).Rows,
            new ReportRunner(postgres).Run("experiment_assignment", Range(("layer", "rank"), ("shares", "control=3,fresh=6.5"))));
    }

    public void Dispose()
    {
        _store.Dispose();
        _database.Dispose();
    }

    /// <summary>As <see cref="Tables.Same"/>, but for the normal tail, which the SQL approximates with a stated relative error.</summary>
    private static void Same(IEnumerable<IReadOnlyList<object?>> expected, Table actual)
    {
        var tails = Enumerable.Range(0, actual.Columns.Count).Where(column => actual.Columns[column].EndsWith("p_fixed", StringComparison.Ordinal)).ToHashSet();
        List<IReadOnlyList<object?>> rows = [];
        foreach (var (row, was) in expected.Zip(actual.Rows))
        {
            foreach (var tail in tails) Assert.Equal((double)row[tail]!, (double)was[tail]!, NormalTail.SqlError * (double)row[tail]!);
            rows.Add([.. row.Select((value, column) => tails.Contains(column) ? was[column] : value)]);
        }
        Tables.Same(rows, actual);
    }

    private static object? Of(Table table, IReadOnlyList<object?> row, string column) => row[table.Columns.ToList().IndexOf(column)];

    private static Dictionary<string, string> Range(params (string Name, string Value)[] more)
    {
        var given = new Dictionary<string, string> { ["from"] = "2011-11-09", ["to"] = "2011-11-14" };
        foreach (var (name, value) in more) given[name] = value;
        return given;
    }

    private static object?[] Expected(IReadOnlyList<(int User, string? Arm, DateOnly Day)> users, string arm, double share, double rho)
    {
        var inOne = users.Where(user => user.Arm is not null).ToList();
        var (p, s, v) = (1.0, 0.0, 0.0);
        foreach (var day in inOne.Select(user => user.Day).Distinct().Order())
        {
            var n = inOne.Count(user => user.Day <= day);
            (s, v) = (inOne.Count(user => user.Day <= day && user.Arm == arm) - share * n, n * share * (1 - share));
            var ratio = Math.Exp(rho * s * s / (2 * (1 + rho * v))) / Math.Sqrt(1 + rho * v);
            p = Math.Min(p, Math.Min(1, 3 / ratio));
        }
        var mine = inOne.Count(user => user.Arm == arm);
        return ["rank", arm, (long)mine, (long)users.Count(user => user.Arm is null), mine / (double)inOne.Count, share, share * inOne.Count, NormalTail.TwoSided(s / Math.Sqrt(v)), p];
    }
}
