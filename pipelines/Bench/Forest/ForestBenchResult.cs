using System.Text.Json.Serialization;

namespace Recs.Pipelines.Bench.Forest;

/// <summary>What <c>recs bench forest</c> found; ratios are medians over rounds in which all were measured.</summary>
internal sealed record ForestBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Trees of the forest.</summary>
    [JsonPropertyOrder(1)]
    public required int Trees { get; init; }

    /// <summary>Numbers in a row.</summary>
    [JsonPropertyOrder(1)]
    public required int Features { get; init; }

    /// <summary>Rows scored by one call.</summary>
    [JsonPropertyOrder(1)]
    public required int Block { get; init; }

    /// <summary>One row alone, ours.</summary>
    [JsonPropertyOrder(1)]
    public required double SingleRowMicroseconds { get; init; }

    /// <summary>One row alone by LightGBM's <c>SingleRowFast</c>.</summary>
    [JsonPropertyOrder(1)]
    public required double? SingleRowLightGbmMicroseconds { get; init; }

    /// <summary>Between our scores and LightGBM's.</summary>
    [JsonPropertyOrder(1)]
    public required double? LargestDifference { get; init; }

    /// <summary>Which peer is missing, and why.</summary>
    [JsonPropertyOrder(1)]
    public required string? Skipped { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ForestBenchResult))]
internal sealed partial class ForestBenchJson : JsonSerializerContext;
