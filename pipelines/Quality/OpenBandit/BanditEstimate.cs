using System.Globalization;
using Recs.Domain.Decisions;
using Recs.Storage;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Quality.OpenBandit;

/// <summary>The report <c>off_policy</c> over the rows of a log, in a database in memory: what an analyst gets from a store.</summary>
internal static class BanditEstimate
{
    private const string Run = "open-bandit";

    /// <summary>Estimates and their 95 % intervals; the bootstrap draws rows.</summary>
    public static (QualityFigures Figures, Dictionary<string, QualityInterval> Intervals) Of(IEnumerable<PolicyRow> rows, int draws, int seed)
    {
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        store.SavePolicyRows(Run, rows);
        var table = new ReportRunner(store).Run("off_policy", new Dictionary<string, string>
        {
            ["run"] = Run, ["draws"] = draws.ToString(CultureInfo.InvariantCulture), ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
        });
        var columns = table.Columns.ToList();
        var (estimate, low, high, ess) = (columns.IndexOf("estimate"), columns.IndexOf("low"), columns.IndexOf("high"), columns.IndexOf("effective_sample_size"));
        var found = table.Rows.ToDictionary(row => (string)row[columns.IndexOf("estimator")]!);
        // No logged action is one of the evaluated policy's: nothing to normalise by.
        double Value(string name) => found[name][estimate] as double? ?? double.NaN;
        var figures = new QualityFigures { Ips = Value("ips"), Snips = Value("snips"), Dm = Value("direct_method"), Dr = Value("doubly_robust"), Ess = (double)found["ips"][ess]! };
        Dictionary<string, QualityInterval> intervals = [];
        foreach (var (field, name) in new[] { ("ips", "ips"), ("snips", "snips"), ("dr", "doubly_robust") })
            if (found[name] is var row && row[low] is double from && row[high] is double to) intervals[field] = new(from, to);
        return (figures, intervals);
    }
}
