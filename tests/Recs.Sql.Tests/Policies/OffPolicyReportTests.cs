using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests.Policies;

/// <summary>Off-policy estimates against the sums worked out row by row in C#, the bootstrap against the same draws made from the digests here, and both engines.</summary>
public sealed class OffPolicyReportTests
{
    private const int Draws = 60, Seed = 5;
    private const double Clip = 2;

    private static readonly Dictionary<string, string> None = [];
    private static readonly Dictionary<string, string> Given = new() { ["run"] = "shop", ["clip"] = "2", ["draws"] = "60", ["seed"] = "5" };

    [Theory]
    [InlineData(10_000)]
    [InlineData(1)] // fewer than there are: units are drawn in groups
    public void Run_SmallLog_IsEveryEstimatorWithItsInterval(int mostUnits)
    {
        using var store = Filled(EventStore.Open("duckdb::memory:"));
        var rows = Rows();
        var units = rows.GroupBy(row => row.Unit).ToList();
        var lots = units.Count > mostUnits ? rows.GroupBy(row => Digest(row.Unit)[..3]).ToList() : units;
        var draws = Enumerable.Range(1, Draws)
            .Select(draw => Estimates([.. lots.SelectMany(unit => Enumerable.Repeat(unit, Poisson($"{Seed}:{draw}:{unit.Key}"))).SelectMany(unit => unit)])).ToList();
        var weights = rows.Select(row => row.TargetPropensity / row.Propensity).ToList();
        var ess = Math.Pow(weights.Sum(), 2) / weights.Sum(weight => weight * weight);
        string[] names = ["logged", "ips", "clipped_ips", "snips", "direct_method", "doubly_robust"];
        Tables.Same(names.Select((name, at) => new object?[]
        {
            "shop", name, Estimates(rows)[at], At([.. draws.Select(draw => draw[at])], 0.025), At([.. draws.Select(draw => draw[at])], 0.975),
            (long)rows.Count, (long)units.Count, ess, weights.Count(weight => weight > Clip) / (double)rows.Count,
        }), new ReportRunner(store).Run("off_policy", new Dictionary<string, string>(Given) { ["most_units"] = mostUnits.ToString(CultureInfo.InvariantCulture) }));
        Assert.Contains(weights, weight => weight > Clip);
    }

    [Fact]
    public void Run_OnPostgres_GivesTheSameRows()
    {
        using var duckDb = Filled(EventStore.Open("duckdb::memory:"));
        using var database = TestDatabase.Postgres();
        using var postgres = Filled(database.Open());
        Tables.Same(new ReportRunner(duckDb).Run("off_policy", None).Rows, new ReportRunner(postgres).Run("off_policy", None));
        Assert.Equal(12, new ReportRunner(postgres).Run("off_policy", None).Rows.Count);
        Assert.Contains("there is no run 'x'; runs are same, shop", Assert.Throws<RefusedException>(() => new ReportRunner(postgres).Run("off_policy", new Dictionary<string, string> { ["run"] = "x" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TheSamePolicy_IsTheLoggedMean()
    {
        using var store = Filled(EventStore.Open("duckdb::memory:"));
        var rows = new ReportRunner(store).Run("off_policy", new Dictionary<string, string> { ["run"] = "same" }).Rows;
        Assert.All(rows.Where(row => (string)row[1]! is "ips" or "clipped_ips" or "snips"), row => Assert.Equal(rows[0].Skip(2).Take(3), row.Skip(2).Take(3)));
        Assert.Equal((double)(long)rows[0][5]!, rows[0][7]);
    }

    [Fact]
    public void Run_WhatCannotBeAnswered_IsRefusedWithTheReason()
    {
        using var store = Filled(EventStore.Open("duckdb::memory:"));
        Assert.Contains("draws is 0, range 1 to 10000", Refused("draws", "0"), StringComparison.Ordinal);
        Assert.Contains("clip is 0", Refused("clip", "0"), StringComparison.Ordinal);
        store.SavePolicyRows("bad", [new("u", 1, "i", 1, 0, 0.5, 0, 0)]);
        Assert.Contains("run 'bad' has rows with a propensity not in (0, 1]", Refused("run", "bad"), StringComparison.Ordinal);
        using var empty = EventStore.Open("duckdb::memory:");
        empty.Migrate();
        Assert.Contains("no policy was compared yet", Assert.Throws<RefusedException>(() => new ReportRunner(empty).Run("off_policy", None)).Message, StringComparison.Ordinal);

        string Refused(string name, string value) => Assert.Throws<RefusedException>(() => new ReportRunner(store).Run("off_policy", new Dictionary<string, string> { [name] = value })).Message;
    }

    [Fact]
    public void SavePolicyRows_ARunAgain_TakesThePlaceOfItsRows()
    {
        using var store = Filled(EventStore.Open("duckdb::memory:"));
        Assert.Equal(1, store.SavePolicyRows("shop", Rows().Take(1)));
        Assert.Equal(1L, new ReportRunner(store).Run("off_policy", new Dictionary<string, string> { ["run"] = "shop" }).Rows[0][5]);
    }

    private static IRecsStore Filled(IRecsStore store)
    {
        store.Migrate();
        store.SavePolicyRows("shop", Rows());
        store.SavePolicyRows("same", Rows().Select(row => row with { TargetPropensity = row.Propensity }));
        return store;
    }

    private static List<PolicyRow> Rows()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, 400).Select(n => new PolicyRow($"u{random.Next(70)}", 1 + n % 3, $"i{n % 7}", random.Next(5) == 0 ? 1 : 0, random.Next(1, 10) / 10.0, random.Next(3) == 0 ? 0 : random.Next(1, 10) / 10.0,
            random.NextDouble() / 3, random.NextDouble() / 3))];
    }

    private static double[] Estimates(List<PolicyRow> rows)
    {
        double Mean(Func<PolicyRow, double, double> of) => rows.Average(row => of(row, row.TargetPropensity / row.Propensity));
        return
        [
            Mean((row, _) => row.Reward), Mean((row, weight) => weight * row.Reward), Mean((row, weight) => Math.Min(weight, Clip) * row.Reward),
            Mean((row, weight) => weight * row.Reward) / Mean((_, weight) => weight), Mean((row, _) => row.TargetValue),
            Mean((row, weight) => row.TargetValue + weight * (row.Reward - row.Modelled)),
        ];
    }

    /// <summary>The k with F(k − 1) ≤ u &lt; F(k) of Poisson(1), u the digest's first 48 bits.</summary>
    private static int Poisson(string text)
    {
        var u = Convert.ToInt64(Digest(text)[..12], 16) / Math.Pow(2, 48);
        var (k, chance, below) = (0, Math.Exp(-1), 0.0);
        while (u >= (below += chance)) chance /= ++k;
        return k;
    }

#pragma warning disable CA5351 // as the SQL does, for draws and not for secrets
    private static string Digest(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    private static double At(List<double> draws, double share)
    {
        draws.Sort();
        var place = share * (draws.Count - 1);
        return draws[(int)place] + (draws[Math.Min((int)place + 1, draws.Count - 1)] - draws[(int)place]) * (place - (int)place);
    }
}
