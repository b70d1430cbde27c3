using System.Text.Json.Serialization;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Train;

/// <summary>What <c>recs train --json</c> writes.</summary>
/// <param name="Model">The version of the model.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Features">Columns of a row.</param>
/// <param name="EmbeddingVersion">Of the vectors, or "none".</param>
/// <param name="Judged">Which rows the figures are of: "test", or "valid" where there is no test period.</param>
/// <param name="Rows">Rows of each part.</param>
/// <param name="Heads">By action.</param>
/// <param name="Parameters">How it was learnt.</param>
/// <param name="Warnings">Of the checks before training.</param>
internal sealed record TrainResult(string Model, string Folder, int Features, string EmbeddingVersion, string Judged, QualityRows Rows, IReadOnlyDictionary<string, TrainedHeadResult> Heads,
    TrainParameters Parameters, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether the store's registry knows it.</summary>
    public bool Registered { get; init; }

    public IReadOnlyDictionary<string, double>? Seconds { get; init; }
}

/// <summary>One head.</summary>
internal sealed record TrainedHeadResult(QualityFigures Metrics, QualityFigures Valid, int Trees, IReadOnlyList<ColumnGain> Importance, IReadOnlyList<TuningTrial>? Tuning);

/// <summary>A column's share of the gain.</summary>
internal sealed record ColumnGain(string Column, double Share);

/// <summary>How a model was learnt: what a registry row tells.</summary>
internal sealed record TrainParameters(IReadOnlyList<string> Heads, string Learner, string Calibration, double CalibrationShare, int Leaves, double LearningRate, int Trees, int Patience, int RowsPerLeaf, double L2,
    double ColumnShare, int Seed, bool WeightByPropensity, string TrainFrom, string ValidFrom, string? TestFrom);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainResult))]
[JsonSerializable(typeof(TrainParameters))]
internal sealed partial class TrainJson : JsonSerializerContext;

/// <summary>What the registry keeps of a model: on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainParameters))]
[JsonSerializable(typeof(Dictionary<string, QualityFigures>))]
internal sealed partial class RegistryJson : JsonSerializerContext;
