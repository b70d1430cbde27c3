using System.Text.Json;
using Recs.Domain.Events;
using Recs.Pipelines.Policy;
using Recs.Pipelines.Simulate;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.WhatIf;

/// <summary><c>recs report what-if</c> over decisions that the real server made: from the ledger's packed inputs to the estimates.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class WhatIfReportTests(SimulatedDay day) : IClassFixture<SimulatedDay>
{
    [Fact]
    public async Task WhatIf_ThePolicyThatRan_EarnsWhatWasLogged()
    {
        Assert.Equal(Simulation.Policy.Version, PolicyFile.Read(day.Policy).Version);
        var estimates = await Ask(day.Policy, "same");
        var mean = (double)day.Ask("""
            select avg(cast(case when i.clicks > 0 then 1 else 0 end as double precision)) from decision d join fct_impression i on i.request_id = d.request_id
            """).Rows[0][0]!;
        Assert.InRange(mean, 0.01, 0.9);
        foreach (var estimator in new[] { "logged", "ips", "clipped_ips", "snips" }) Assert.Equal(mean, estimates[estimator].Estimate, 1e-9);
        Assert.All(estimates.Values, row => Assert.Equal((SimulatedDay.Visits * 10L, row.Rows), (row.Rows, (long)Math.Round(row.Effective))));
        Assert.True((long)day.Ask("select count(*) from policy_row where run = 'same' and propensity < 1").Rows[0][0]! > 100); // explored, and right all the same
        Assert.Empty(day.Ask("select * from policy_row where run = 'same' and propensity <> target_propensity").Rows);
    }

    [Fact]
    public async Task WhatIf_AnotherPolicy_IsJudgedOnTheRowsThatFitIt()
    {
        var other = day.Write("other.yaml", Simulation.Policy with { Weights = new Dictionary<InteractionType, double> { [InteractionType.Click] = 1 }, AdShare = 0, ExploreShare = 0.5 });
        var estimates = await Ask(other, "other");
        Assert.Equal(6, estimates.Count);
        Assert.All(estimates.Values, row =>
        {
            Assert.True(double.IsFinite(row.Estimate) && row.Low <= row.High);
            Assert.InRange(row.Effective, 1, row.Rows - 1.0);
        });
        // By hand from the rows that were written.
        var rows = day.Ask("select target_propensity / propensity, reward from policy_row where run = 'other'").Rows.Select(row => (Weight: (double)row[0]!, Reward: (double)row[1]!)).ToList();
        Assert.Equal(rows.Sum(row => row.Weight * row.Reward) / rows.Count, estimates["ips"].Estimate, 1e-9);
        Assert.Equal(Math.Pow(rows.Sum(row => row.Weight), 2) / rows.Sum(row => row.Weight * row.Weight), estimates["ips"].Effective, 1e-6);
        Assert.NotEqual(estimates["logged"].Estimate, estimates["snips"].Estimate);
    }

    [Fact]
    public async Task WhatIf_WhatIsNotThere_OneLine()
    {
        Assert.Contains("there is no file /nowhere.yaml", await RecsProgram.Fail(1, "report", "what-if", "--db", day.Url, "--model", day.Model, "--policy", "/nowhere.yaml"), StringComparison.Ordinal);
        Assert.Contains("/nowhere", await RecsProgram.Fail(1, "report", "what-if", "--db", day.Url, "--model", "/nowhere", "--policy", day.Policy), StringComparison.Ordinal);
        Assert.Contains("needs the models that answered", await RecsProgram.Fail(1, "report", "what-if", "--db", day.Url, "--policy", day.Policy), StringComparison.Ordinal);
        Assert.Contains("no decision was kept from 2001-01-01", await RecsProgram.Fail(1, "report", "what-if", "--db", day.Url, "--model", day.Model, "--policy", day.Policy, "--from", "2001-01-01", "--to", "2001-01-02"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CalibrationLive_OfRealAnswers_ReadsEveryHeadOfEveryPlace()
    {
        using var answer = JsonDocument.Parse(await RecsProgram.Succeed("report", "calibration-live", "--db", day.Url, "--format", "json"));
        var rows = answer.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(30, rows.Count); // click, like and hide by tenth
        Assert.Equal(3 * SimulatedDay.Visits * 10L, rows.Sum(row => row.GetProperty("row_count").GetInt64()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("mean_predicted").GetDouble(), 0, 1));
        var clicks = rows.Where(row => row.GetProperty("action").GetString() == "click").Select(row => row.GetProperty("observed_rate").GetDouble()).ToList();
        Assert.True(clicks[^1] > clicks[0]); // the head has learnt something
    }

    [Theory]
    [InlineData("experiment-guardrails", "no decision from 1970-01-01 to 9999-12-31 was part of an experiment")]
    [InlineData("experiment-segments", "no decision from 1970-01-01 to 9999-12-31 was part of an experiment")]
    public async Task Experiments_WithoutOne_OneLine(string report, string reason) => Assert.Contains(reason, await RecsProgram.Fail(1, "report", report, "--db", day.Url), StringComparison.Ordinal);

    private async Task<Dictionary<string, (double Estimate, double Low, double High, long Rows, double Effective)>> Ask(string policy, string run)
    {
        using var answer = JsonDocument.Parse(await RecsProgram.Succeed("report", "what-if", "--db", day.Url, "--model", day.Model, "--policy", policy, "--param", $"run={run}", "--format", "json"));
        return answer.RootElement.GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("estimator").GetString()!, row =>
            (row.GetProperty("estimate").GetDouble(), row.GetProperty("low").GetDouble(), row.GetProperty("high").GetDouble(), row.GetProperty("row_count").GetInt64(), row.GetProperty("effective_sample_size").GetDouble()));
    }
}
