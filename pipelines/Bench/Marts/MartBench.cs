using System.Diagnostics;
using System.Globalization;
using Recs.Domain;
using Recs.Storage;
using Recs.Storage.Marts;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Bench.Marts;

/// <summary>Times the job that makes the marts, and every report over one week and over all days. What the marts hold is compared with what was sent before anything is timed.</summary>
internal sealed class MartBench(IRecsStore store, MartTraffic traffic, int days)
{
    /// <summary>Each report is run so often; the faster run counts: the first one reads from disk.</summary>
    private const int Runs = 2;

    /// <summary>Makes what has changed.</summary>
    /// <returns>Seconds and days made again.</returns>
    public (double Seconds, long Days) Refresh(CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        var made = store.RefreshMarts(cancel: cancel);
        return (Stopwatch.GetElapsedTime(begun).TotalSeconds, made.Max(mart => mart.Days));
    }

    /// <summary>Puts the items into clusters.</summary>
    /// <returns>Seconds, 0 where an earlier run has made them, and how many clusters there are.</returns>
    public (double Seconds, int Count) Cluster(CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        var made = store.RefreshClusters(cancel: cancel);
        return (made.IsMade ? Stopwatch.GetElapsedTime(begun).TotalSeconds : 0, made.Clusters);
    }

    /// <exception cref="RefusedException">The mart has lost or invented something.</exception>
    public void Check()
    {
        var held = PlainScan.Run(store);
        if (held != traffic.Totals) throw new RefusedException($"fct_impression holds {held}, sent was {traffic.Totals}");
    }

    /// <summary>One pass over the mart, adding up two columns: no report over all days can be faster by much.</summary>
    public double ScanSeconds(CancellationToken cancel) => Fastest(() => (int)Math.Min(1, PlainScan.Run(store).Shown), cancel).Seconds;

    /// <summary>A report over the last week and over all days.</summary>
    public ReportTime Time(string name, CancellationToken cancel)
    {
        var report = ReportRunner.Describe(name);
        Dictionary<string, string> all = [];
        var hasDays = report.Parameters.Any(parameter => parameter.Name == "from");
        var week = hasDays ? new Dictionary<string, string> { ["from"] = Day(days - 7), ["to"] = Day(days - 1) } : all;
        var runner = new ReportRunner(store);
        try
        {
            var inWeek = Fastest(() => runner.Run(name, week).Rows.Count, cancel);
            return hasDays ? new(name, inWeek.Seconds, Fastest(() => runner.Run(name, all).Rows.Count, cancel).Seconds, inWeek.Rows, null) : new(name, null, inWeek.Seconds, inWeek.Rows, null);
        }
        catch (RefusedException refused)
        {
            return new(name, null, null, 0, refused.Message);
        }
    }

    private static string Day(int day) => MartTraffic.First.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static (double Seconds, int Rows) Fastest(Func<int> ask, CancellationToken cancel)
    {
        var (times, rows) = (new List<double>(), 0);
        for (var run = 0; run < Runs; run++)
        {
            cancel.ThrowIfCancellationRequested();
            var begun = Stopwatch.GetTimestamp();
            rows = ask();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        return (times.Min(), rows);
    }
}

/// <summary>How long a report took.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WeekSeconds">Over the last seven days; null for one that knows no days.</param>
/// <param name="AllSeconds">Over everything.</param>
/// <param name="Rows">Of the shorter answer.</param>
/// <param name="Refused">Why it was not timed: the traffic has nothing for it.</param>
internal sealed record ReportTime(string Name, double? WeekSeconds, double? AllSeconds, int Rows, string? Refused);
