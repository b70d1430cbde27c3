using System.Text.Json.Serialization;

namespace Recs.Ranker.Model;

/// <summary>The file <c>model.json</c> of a model folder. The schema is said in full: the features with every parameter, and what they gave when the model was trained.</summary>
internal sealed record ModelFile(
    string Version, string SchemaHash, int SchemaVersion, IReadOnlyList<ModelFile.FeatureEntry> Features, IReadOnlyList<string> Columns, string EmbeddingVersion, IReadOnlyList<ModelFile.HeadEntry> Heads)
{
    public const string Name = "model.json";

    /// <summary>One feature, its parameters, the attribute it reads, if it reads one, and what it found on the item vectors, if it finds anything.</summary>
    public sealed record FeatureEntry(string Name, IReadOnlyDictionary<string, double> Parameters, string? Attribute, IReadOnlyList<float>? Found = null);

    /// <summary>One head: its ML.NET files, its calibration, and the columns it reads (null for all).</summary>
    public sealed record HeadEntry(string Action, IReadOnlyList<PartEntry> Parts, CalibrationEntry Calibration, int[]? Columns);

    /// <summary>
    /// One ML.NET file; in a blend with its share and the line that brings its score to log-odds. For trees the hash of the file of leaf covers beside it,
    /// which explanations need; null where there is none.
    /// </summary>
    public sealed record PartEntry(string File, double Weight, double Slope, double Intercept, string? Covers = null);

    /// <summary>A calibration by its kind and numbers, see <see cref="Calibrations.Parse"/>.</summary>
    public sealed record CalibrationEntry(string Kind, double[] Numbers);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ModelFile))]
internal sealed partial class ModelFileContext : JsonSerializerContext;
