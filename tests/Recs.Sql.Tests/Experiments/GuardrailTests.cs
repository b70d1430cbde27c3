using Recs.Domain;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests.Experiments;

/// <summary>The report experiment_guardrails against the same numbers worked out user by user in C#, and its verdicts where they are known beforehand.</summary>
public sealed class GuardrailTests : IDisposable
{
    private readonly SmallExperiment _experiment = new(9);
    private readonly TestDatabase _database = TestDatabase.DuckDb();
    private readonly IRecsStore _store;

    public GuardrailTests()
    {
        _store = _database.Open();
        _experiment.Fill(_store);
    }

    [Theory]
    [InlineData("rank", "one", "none", 0.05)]
    [InlineData("ads", "one", "none", 0.6)]
    [InlineData("ads", "many", "none", 0.3)]
    [InlineData("ads", "one", "hide_rate=0.5,ads_per_slate=0.25", 0.05)]
    [InlineData("ads", "many", "hide_rate=1,revenue_per_user=.001", 0.05)]
    public void Guardrails_ByMetric_AreTheArmsUserByUser(string layer, string looks, string margins, double margin)
    {
        (string, string)[] given = [("layer", layer), ("looks", looks), ("margins", margins), ("margin", FormattableString.Invariant($"{margin}")), ("least_places", "4"), ("least_users", "25"), ("tau", "0.3")];
        Tables.Same(Expected(layer, looks == "many", margins, margin, 25), Run(given));
    }

    [Fact]
    public void Guardrails_WideAndNarrowMargins_AreOkBreachedAndUnclear()
    {
        string? Verdict(string metric, string arm, params (string, string)[] given) => (string?)Assert.Single(Run([("layer", "ads"), ("least_users", "2"), .. given]).Rows, row => (string)row[1]! == arm && (string)row[2]! == metric)[^1];
        Assert.Equal("breached", Verdict("ads_per_slate", "many")); // every second place instead of every fourth
        Assert.Equal("ok", Verdict("ads_per_slate", "many", ("margins", "ads_per_slate=5")));
        Assert.Equal("unclear", Verdict("ads_per_slate", "many", ("least_users", "80")));
        Assert.Equal("ok", Verdict("hide_rate", "few", ("margins", "hide_rate=1")));
        Assert.Equal("unclear", Verdict("hide_rate", "few", ("margins", "hide_rate=0.0001")));
    }

    [Fact]
    public void Guardrails_NothingEverHappens_IsOk()
    {
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        store.Keep([.. _experiment.Decisions.Select(made => made with { Degraded = "none" })]);
        store.RefreshMarts();
        var rows = new ReportRunner(store).Run("experiment_guardrails", new Dictionary<string, string> { ["layer"] = "ads", ["least_users"] = "2" }).Rows;
        foreach (var row in rows.Where(row => (string)row[2]! is "degraded_slates" or "revenue_per_user")) Assert.Equal((0.0, 0.0, "ok"), (row[6], row[11], row[^1]));
        foreach (var row in rows.Where(row => (string)row[2]! is "hide_rate" or "click_through")) Assert.Equal((null, null, "unclear"), (row[6], row[11], row[^1])); // nothing was shown
    }

    [Theory]
    [InlineData("margins=profit=1", "margins names 'profit', which is not guarded; metrics are ads_per_slate, click_through")]
    [InlineData("margins=hide_rate", "'hide_rate=', expected METRIC=NUMBER")]
    [InlineData("margins=hide_rate=-1", "'hide_rate=-1', expected METRIC=NUMBER")]
    [InlineData("margins=hide_rate=1,hide_rate=2", "names metric 'hide_rate' more than once")]
    [InlineData("margin=1.5", "margin is 1.5, range 0 to 1")]
    [InlineData("looks=daily", "one of one, many")]
    [InlineData("control=old", "there is no arm 'old'")]
    public void Guardrails_WhatCannotBeAnswered_IsRefusedWithTheReason(string parameter, string reason)
    {
        var parts = parameter.Split('=', 2);
        using var database = TestDatabase.Postgres();
        using var postgres = database.Open();
        _experiment.Fill(postgres);
        foreach (var store in new[] { _store, postgres })
        {
            var refused = Assert.Throws<RefusedException>(() => new ReportRunner(store).Run("experiment_guardrails", new Dictionary<string, string> { [parts[0]] = parts[1] }));
            Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Guardrails_OnPostgres_GiveTheSameRows()
    {
        using var database = TestDatabase.Postgres();
        using var postgres = database.Open();
        _experiment.Fill(postgres);
        foreach (var (looks, margins) in new[] { ("one", "none"), ("many", "hide_rate=0.5") })
        {
            var given = new Dictionary<string, string> { ["from"] = "2011-11-09", ["to"] = "2011-11-14", ["looks"] = looks, ["margins"] = margins, ["least_users"] = "20" };
            Tables.Same(new ReportRunner(_store).Run("experiment_guardrails", given).Rows, new ReportRunner(postgres).Run("experiment_guardrails", given));
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        _database.Dispose();
    }

    private Table Run(params (string Name, string Value)[] more)
    {
        var given = new Dictionary<string, string> { ["from"] = "2011-11-09", ["to"] = "2011-11-14" };
        foreach (var (name, value) in more) given[name] = value;
        return new ReportRunner(_store).Run("experiment_guardrails", given);
    }

    private IEnumerable<object?[]> Expected(string layer, bool isManyLooks, string margins, double share, int leastUsers)
    {
        const double Tau = 0.3;
        var own = margins == "none" ? [] : margins.Split(',').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
        var showings = Showing.Of(_experiment).ToLookup(showing => showing.User);
        var slates = _experiment.Decisions.ToLookup(made => Showing.Number(made.User.Value));
        var members = new ArmStatistics(_experiment, layer, "clicks").Entered.Where(user => user.Arm is not null).ToList();
        var arms = members.Select(user => user.Arm!).Where(arm => arm != "control").Distinct().Order(StringComparer.Ordinal);
        UserRatio Arm(string arm, Func<List<Showing>, List<Domain.Decisions.Decision>, (double, double)> of) => UserRatio.Of([.. members.Where(user => user.Arm == arm).Select(user =>
            of([.. showings[user.User].Where(showing => showing.Day >= user.Day)], [.. slates[user.User].Where(made => SmallExperiment.DayOf(made.Time) >= user.Day)]))]);
        foreach (var arm in arms)
            foreach (var (metric, isHigherWorse, of) in new (string, bool, Func<List<Showing>, List<Domain.Decisions.Decision>, (double, double)>)[]
            {
                ("ads_per_slate", true, (_, made) => (made.Sum(one => one.Places.Count(place => place.IsAd)), made.Count)),
                ("click_through", false, (shown, _) => (shown.Count(one => one.Clicks > 0), shown.Count)),
                ("degraded_slates", true, (_, made) => (made.Count(one => one.Degraded != "none"), made.Count)),
                ("empty_slates", true, (_, made) => (made.Count(one => one.Places.Count == 0), made.Count)),
                ("hide_rate", true, (shown, _) => (shown.Count(one => one.Hides > 0), shown.Count)),
                ("revenue_per_user", false, (shown, _) => (shown.Sum(one => one.Owed), 1)),
                ("short_slates", true, (_, made) => (made.Count(one => one.Places.Count < 4), made.Count)),
            })
            {
                var (control, treated) = (Arm("control", of), Arm(arm, of));
                var (difference, widest) = (treated.Value - control.Value, Math.Max(control.Variance, treated.Variance));
                var bound = own.TryGetValue(metric, out var margin) ? control.Value + (isHigherWorse ? margin : -margin) : control.Value * (isHigherWorse ? 1 + share : 1 - share);
                var beyond = isHigherWorse ? treated.Value - bound : bound - treated.Value;
                double Se(double part) => Math.Sqrt(part * part * control.Variance / control.Users + treated.Variance / treated.Users);
                double Half(double part)
                {
                    var (square, spread) = (widest * (part * part / control.Users + 1.0 / treated.Users), Tau * Tau * widest);
                    return isManyLooks ? Math.Sqrt(square * (square + spread) / spread * (Math.Log((square + spread) / square) + 2 * Math.Log(20))) : 1.959963984540054 * Se(part);
                }
                var (half, beyondHalf) = (Half(1), Half(own.ContainsKey(metric) ? 1 : bound / control.Value));
                var verdict = Math.Min(control.Users, treated.Users) < leastUsers ? "unclear" : beyond + beyondHalf <= 0 ? "ok" : beyond > beyondHalf ? "breached" : "unclear";
                yield return
                [
                    layer, arm, metric, isHigherWorse ? "higher" : "lower", (long)control.Users, (long)treated.Users, control.Value, treated.Value, difference, Se(1), difference - half, difference + half,
                    Math.Abs(bound - control.Value), beyond, beyond - beyondHalf, beyond + beyondHalf, verdict,
                ];
            }
    }
}
