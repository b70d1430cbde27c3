using Recs.Storage;
using Recs.Storage.Reports;

namespace Recs.Sql.Tests.Experiments;

/// <summary>
/// The reports themselves over 2,000 simulated experiments looked at on each of fourteen days: without a difference they alarm in at most 5 %, where looking
/// daily at the fixed-horizon test alarms far more often; with a difference they find it.
/// </summary>
public sealed class FalseAlarmTests
{
    private const int Experiments = 2_000, UnevenExperiments = 600, Users = 80;

    /// <summary>None of them was looked at when the method was chosen; RECS_SEEDS, numbers joined by commas, draws others.</summary>
    public static TheoryData<int> Seeds => [.. (Environment.GetEnvironmentVariable("RECS_SEEDS") ?? "7").Split(',').Select(seed => int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Daily_NoDifference_DecidesInAtMostFivePercent(int seed)
    {
        using var store = Simulated(Experiments, Users, lift: 0, seed: seed);
        foreach (var tau in new[] { "0.3", "0.6" })
        {
            var (always, covered) = Daily(store, tau, $"seed {seed}, even arms");
            Assert.InRange(always, 0.0005, 0.05);
            Assert.InRange(covered, 0.95, 0.9995);
        }
    }

    /// <summary>A tenth of the users in one arm, 40 of them, and hardly a click: its own variance is 0 for days and would prove anything.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Daily_NoDifferenceSmallArmRareClicks_DecidesInAtMostFivePercent(int seed)
    {
        using var store = Simulated(UnevenExperiments, 400, lift: 0, share: 0.1, seed: seed, rates: (0, 0.02));
        foreach (var tau in new[] { "0.05", "0.3", "0.6" })
        {
            var (always, covered) = Daily(store, tau, $"seed {seed}, small arm, rare clicks");
            Assert.InRange(always, 0, 0.05);
            Assert.InRange(covered, 0.95, 1);
        }
    }

    [Fact]
    public void Daily_ADifference_IsFound()
    {
        using var store = Simulated(100, 600, lift: 0.06);
        var rows = Daily(store, "0.3");
        var found = Share(rows, row => row.IsDecided && row.Difference > 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"found {found:P2}");
        Assert.InRange(found, 0.9, 1);
    }

    [Theory]
    [InlineData(0.5, "equal")]
    [InlineData(0.1, "control=90,treatment=10")]
    public void Assignment_AsPlanned_AlarmsInAtMostFivePercent(double share, string shares)
    {
        using var store = Simulated(Experiments, Users, lift: 0, share, isShown: false);
        foreach (var rho in new[] { "0.005", "0.1" })
        {
            var alarms = Alarms(store, shares, rho);
            TestContext.Current.TestOutputHelper?.WriteLine($"share {share}, rho {rho}: {alarms:P2}");
            Assert.InRange(alarms, 0, 0.05);
        }
    }

    [Fact]
    public void Assignment_OtherThanPlanned_Alarms()
    {
        using var store = Simulated(100, 2_000, lift: 0, share: 0.45, isShown: false);
        var alarms = Alarms(store, "equal", "0.005");
        TestContext.Current.TestOutputHelper?.WriteLine($"alarms {alarms:P2}");
        Assert.InRange(alarms, 0.8, 1);
    }

    private static IRecsStore Simulated(int layers, int users, double lift, double share = 0.5, bool isShown = true, int seed = 1, (double Least, double Most)? rates = null)
    {
        var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        SimulatedExperiments.Fill(store, layers, users, share, lift, isShown, seed, rates);
        return store;
    }

    private static List<Look> Daily(IRecsStore store, string tau) =>
        [.. new ReportRunner(store).Run("experiment_daily", new Dictionary<string, string> { ["tau"] = tau }).Rows.Select(row => new Look(
            (string)row[0]!, row[7] as double? ?? double.NaN, row[8] as double? ?? double.NaN, row[9] as double? ?? double.NaN, row[10] as double? ?? double.NaN, (bool)row[12]!))];

    /// <summary>In how many experiments the report decided on any day, and in how many its interval held 0 on all days.</summary>
    private static (double Always, double Covered) Daily(IRecsStore store, string tau, string what)
    {
        var rows = Daily(store, tau);
        var experiments = rows.GroupBy(row => row.Layer).Count();
        Assert.InRange(experiments, UnevenExperiments, Experiments);
        Assert.Equal(experiments * 14, rows.Count);
        var (always, covered) = (Share(rows, row => row.IsDecided), 1 - Share(rows, row => row.Low > 0 || row.High < 0));
        var peeking = Share(rows, row => Math.Abs(row.Difference / row.Se) > 1.959964);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}, tau {tau}: decided {always:P2}, fixed test looked at daily {peeking:P2}, interval holds 0 on all days {covered:P2}");
        Assert.InRange(peeking, 0.1, 1); // the same data deceive whoever looks daily at the other test
        return (always, covered);
    }

    private static double Alarms(IRecsStore store, string shares, string rho)
    {
        var rows = new ReportRunner(store).Run("experiment_assignment", new Dictionary<string, string> { ["shares"] = shares, ["rho"] = rho }).Rows;
        return rows.GroupBy(row => row[0]).Average(layer => layer.Any(row => (bool)row[9]!) ? 1.0 : 0);
    }

    /// <summary>Experiments in which it was so on any day.</summary>
    private static double Share(List<Look> rows, Func<Look, bool> isSo) => rows.GroupBy(row => row.Layer).Average(layer => layer.Any(isSo) ? 1.0 : 0);

    private sealed record Look(string Layer, double Difference, double Se, double Low, double High, bool IsDecided);
}
