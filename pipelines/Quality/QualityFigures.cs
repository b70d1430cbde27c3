using System.Text.Json.Serialization;

namespace Recs.Pipelines.Quality;

/// <summary>The figures of one ranking, estimate or bidder, by the names of the command line's contract; those that a protocol does not have are left out.</summary>
internal sealed record QualityFigures
{
    public double? Auc { get; init; }

    public double? Uauc { get; init; }

    public double? Logloss { get; init; }

    [JsonPropertyName("ndcg_at_10")]
    public double? NdcgAt10 { get; init; }

    [JsonPropertyName("hr_at_10")]
    public double? HrAt10 { get; init; }

    public double? Ece { get; init; }

    /// <summary>AUC over the rows of new items.</summary>
    public double? ColdAuc { get; init; }

    /// <summary>Root of the mean squared error of an amount.</summary>
    public double? Rmse { get; init; }

    /// <summary>Mean absolute error of an amount.</summary>
    public double? Mae { get; init; }

    public long? Clicks { get; init; }

    /// <summary>Paid for the impressions, in the log's own unit.</summary>
    public long? Cost { get; init; }

    public long? Impressions { get; init; }

    /// <summary>Inverse propensity score: estimated clicks an impression of the evaluated policy.</summary>
    public double? Ips { get; init; }

    /// <summary>The same, divided by the mean weight.</summary>
    public double? Snips { get; init; }

    /// <summary>Direct method.</summary>
    public double? Dm { get; init; }

    /// <summary>Doubly robust.</summary>
    public double? Dr { get; init; }

    /// <summary>Effective sample size of the weights.</summary>
    public double? Ess { get; init; }

    public static QualityFigures Of(QualityMetrics metrics) => new()
    {
        Auc = Finite(metrics.Auc),
        Uauc = Finite(metrics.Uauc),
        Logloss = Finite(metrics.Logloss),
        NdcgAt10 = Finite(metrics.NdcgAt10),
        HrAt10 = Finite(metrics.HrAt10),
        Ece = Finite(metrics.Ece),
        ColdAuc = Finite(metrics.ColdAuc),
    };

    public static QualityFigures Of(JudgedRows rows) => Of(QualityMetrics.Of(rows));

    /// <summary>Name and value of every figure that is there, in the order of the contract.</summary>
    public IEnumerable<(string Name, double Value)> All()
    {
        foreach (var (name, value) in new (string, double?)[]
        {
            ("auc", Auc), ("uauc", Uauc), ("logloss", Logloss), ("ndcg_at_10", NdcgAt10), ("hr_at_10", HrAt10), ("ece", Ece), ("cold_auc", ColdAuc), ("rmse", Rmse), ("mae", Mae),
            ("clicks", Clicks), ("cost", Cost), ("impressions", Impressions), ("ips", Ips), ("snips", Snips), ("dm", Dm), ("dr", Dr), ("ess", Ess),
        })
            if (value is { } there) yield return (name, there);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
