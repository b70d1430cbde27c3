using System.Text.Json.Serialization;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Demo;

/// <summary>What <c>recs demo --json</c> writes.</summary>
internal sealed record DemoResult(
    string Dataset, DemoEvents Events, int Items, DemoEmbeddings Embeddings, DemoTraining Training, DemoQuality Quality, DemoScores Scores,
    IReadOnlyDictionary<string, double> Seconds);

internal sealed record DemoEvents(long Published, long Ingested, long Duplicates, long DeadLetters);

internal sealed record DemoEmbeddings(int Count, int Dimensions, string Version);

internal sealed record DemoTraining(int Rows, int Features, int Trees, string ModelVersion);

internal sealed record DemoScores(long Rows, string File);

/// <summary>The test period's measures; nulls where the data set has no such rows.</summary>
internal record DemoMeasures(
    double? Auc, [property: JsonPropertyName("ndcg_at_10")] double? NdcgAt10, [property: JsonPropertyName("hr_at_10")] double? HrAt10,
    double? ColdAuc, double? Logloss, double? Ece)
{
    public static DemoMeasures Of(QualityMetrics metrics) => new(
        Finite(metrics.Auc), Finite(metrics.NdcgAt10), Finite(metrics.HrAt10), Finite(metrics.ColdAuc), Finite(metrics.Logloss), Finite(metrics.Ece));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

internal sealed record DemoQuality : DemoMeasures
{
    public DemoQuality(QualityMetrics with, QualityMetrics without, QualityMetrics twoCounters) : base(Of(with)) =>
        (WithoutEmbeddings, TwoCounters) = (Of(without), Of(twoCounters));

    public DemoMeasures WithoutEmbeddings { get; }

    public DemoMeasures TwoCounters { get; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DemoResult))]
internal sealed partial class DemoJson : JsonSerializerContext;
