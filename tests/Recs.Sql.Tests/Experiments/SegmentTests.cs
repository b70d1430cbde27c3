using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests.Experiments;

/// <summary>The report experiment_segments against the same numbers worked out user by user in C#, with Holm's correction by its definition.</summary>
public sealed class SegmentTests : IDisposable
{
    private readonly SmallExperiment _experiment = new(9);
    private readonly TestDatabase _database = TestDatabase.DuckDb();
    private readonly IRecsStore _store;

    public SegmentTests()
    {
        _store = _database.Open();
        _experiment.Fill(_store);
    }

    [Theory]
    [InlineData("segment", "click_through", "rank", 8)]
    [InlineData("segment", "clicks", "ads", 5)]
    [InlineData("returning", "conversion_value", "ads", 2)]
    [InlineData("surface", "click_through", "ads", 2)]
    [InlineData("surface", "clicks", "rank", 2)]
    [InlineData("kind", "conversion_value", "ads", 2)]
    [InlineData("category", "clicks", "ads", 2)]
    [InlineData("position", "click_through", "ads", 20)]
    public void Segments_ByEach_AreTheirUsersAndHolm(string by, string metric, string layer, int leastUsers)
    {
        var table = new ReportRunner(_store).Run("experiment_segments", Range(("by", by), ("metric", metric), ("layer", layer), ("least_users", $"{leastUsers}")));
        var expected = Expected(by, metric, layer, leastUsers);
        Assert.Contains(expected, row => row[13] is double);
        Tables.Same(expected.Select((row, at) => row.Select((value, column) => Close(value, table.Rows[at][column], column))).Select(row => row.ToArray()), table);
    }

    [Fact]
    public void Segments_FewUsersOfOne_AreNotJudgedAndNotCounted()
    {
        var all = new ReportRunner(_store).Run("experiment_segments", Range(("by", "position"), ("layer", "rank"), ("least_users", "2")));
        var some = new ReportRunner(_store).Run("experiment_segments", Range(("by", "position"), ("layer", "rank"), ("least_users", "28")));
        Assert.Equal([4L], all.Rows.Select(row => row[14]).Distinct());
        var judged = all.Rows.Count(row => (long)row[4]! >= 28 && (long)row[5]! >= 28);
        Assert.InRange(judged, 1, 3);
        Assert.Equal([(long)judged], some.Rows.Select(row => row[14]).Distinct());
        Assert.Equal(judged, some.Rows.Count(row => row[13] is double && row[15] is double));
    }

    [Fact]
    public void Segments_OfUsers_AreThoseOfTheirFirstDay()
    {
        // Every tenth user is told to be of "later" on the last day, on which nobody enters.
        var table = new ReportRunner(_store).Run("experiment_segments", Range(("layer", "rank")));
        Assert.Equal(["s0", "s1", "s2", "unknown"], table.Rows.Select(row => row[2]));
        Assert.Equal(new ArmStatistics(_experiment, "rank", "clicks").Entered.Count(user => user.Arm is not null), table.Rows.Sum(row => (long)row[4]! + (long)row[5]!));
    }

    [Theory]
    [InlineData("by=age", "one of segment, returning, surface, kind, category, position")]
    [InlineData("metric=profit", "one of click_through, conversion_rate")]
    [InlineData("control=old", "there is no arm 'old'")]
    [InlineData("layer=none", "there is no layer 'none'")]
    [InlineData("least_users=few", "expected a whole number")]
    public void Segments_WhatCannotBeAnswered_IsRefusedWithTheReason(string parameter, string reason)
    {
        var parts = parameter.Split('=', 2);
        var refused = Assert.Throws<RefusedException>(() => new ReportRunner(_store).Run("experiment_segments", new Dictionary<string, string> { [parts[0]] = parts[1] }));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_OnPostgres_GiveTheSameRows()
    {
        using var database = TestDatabase.Postgres();
        using var postgres = database.Open();
        _experiment.Fill(postgres);
        foreach (var by in ReportRunner.Describe("experiment_segments").Parameters.Single(parameter => parameter.Name == "by").Choices)
            foreach (var metric in new[] { "click_through", "conversion_value" })
            {
                var given = Range(("by", by), ("metric", metric), ("least_users", "10"));
                Tables.Same(new ReportRunner(_store).Run("experiment_segments", given).Rows, new ReportRunner(postgres).Run("experiment_segments", given));
            }
    }

    public void Dispose()
    {
        _store.Dispose();
        _database.Dispose();
    }

    // The SQL approximates the normal tail, with a stated relative error.
    private static object? Close(object? expected, object? actual, int column) =>
        column is 13 or 15 && expected is double tail && actual is double was && Math.Abs(tail - was) <= NormalTail.SqlError * tail ? was : expected;

    private static Dictionary<string, string> Range(params (string Name, string Value)[] more)
    {
        var given = new Dictionary<string, string> { ["from"] = "2011-11-09", ["to"] = "2011-11-14" };
        foreach (var (name, value) in more) given[name] = value;
        return given;
    }

    private List<object?[]> Expected(string by, string metric, string layer, int leastUsers)
    {
        var (isRatio, isOfUsers) = (metric == "click_through", by is "segment" or "returning");
        var showings = Showing.Of(_experiment);
        var told = _experiment.Events.OfType<UserUpserted>().ToLookup(event_ => Showing.Number(event_.User.Value));
        string OfUser(int user, DateOnly day) => by == "returning"
            ? showings.Any(showing => showing.User == user && showing.Day < SmallExperiment.From) ? "returning" : "new"
            : told[user].Where(version => version.Time.ToDateTimeOffset().UtcDateTime <= day.ToDateTime(TimeOnly.MinValue)).OrderBy(version => version.Time).Select(version => version.Attributes.Single().Value).LastOrDefault("unknown");
        string OfShown(Showing shown) => by switch
        {
            "surface" => shown.Surface, "kind" => shown.Item.Ad is null ? "content" : "ad", "category" => shown.Item.Category!, _ => shown.Position.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        double Num(Showing shown) => metric switch { "click_through" => shown.Clicks > 0 ? 1 : 0, "clicks" => shown.Clicks, _ => shown.Worth };
        var members = new ArmStatistics(_experiment, layer, "clicks").Entered.Where(user => user.Arm is not null)
            .Select(user => (Arm: user.Arm!, Segment: isOfUsers ? OfUser(user.User, user.Day) : "", Shown: showings.Where(shown => shown.User == user.User && shown.Day >= user.Day).ToList())).ToList();
        var segments = (isOfUsers ? members.Select(member => member.Segment) : members.SelectMany(member => member.Shown).Select(OfShown)).Distinct().Order(StringComparer.Ordinal).ToList();
        (UserRatio Ratio, long Users) Of(string arm, string segment)
        {
            var users = members.Where(member => member.Arm == arm && (!isOfUsers || member.Segment == segment)).Select(member => member.Shown.Where(shown => isOfUsers || OfShown(shown) == segment).ToList()).ToList();
            return (UserRatio.Of([.. users.Select(shown => (shown.Sum(Num), isRatio ? (double)shown.Count : 1))]), isOfUsers ? users.Count : users.Count(shown => shown.Count > 0));
        }

        List<object?[]> rows = [];
        foreach (var arm in members.Select(member => member.Arm).Where(arm => arm != "control").Distinct().Order(StringComparer.Ordinal))
            foreach (var segment in segments)
            {
                var ((control, controlUsers), (treated, users)) = (Of("control", segment), Of(arm, segment));
                var (difference, se) = (treated.Value - control.Value, Math.Sqrt(control.Variance / control.Users + treated.Variance / treated.Users));
                rows.Add([layer, arm, segment, metric, controlUsers, users, control.Value, treated.Value, difference, difference / control.Value, se, difference - 1.959963984540054 * se, difference + 1.959963984540054 * se,
                    Math.Min(controlUsers, users) < leastUsers ? null : NormalTail.TwoSided(difference / se), null, null, null]);
            }
        var all = rows.Select(row => row[13]).OfType<double>().ToList();
        foreach (var row in rows)
        {
            row[14] = (long)all.Count;
            // Holm by its definition: the largest, over all that are no larger, of each times how many are not smaller.
            if (row[13] is double p) row[15] = all.Where(other => other <= p).Max(other => Math.Min(1, other * all.Count(another => another >= other)));
            row[16] = row[15] is <= 0.05;
        }
        return rows;
    }
}
