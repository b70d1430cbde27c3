using System.Text.Json.Serialization;

namespace Recs.Pipelines.Bench;

/// <summary>What <c>recs bench --json</c> writes: a figure of ours beside those of others, measured in one run.</summary>
/// <param name="Name">Of the benchmark.</param>
/// <param name="Unit">Of all figures.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Peers">The others' by name.</param>
/// <param name="Ratio">Ours by theirs.</param>
/// <param name="Checked">Results were compared before they were timed.</param>
/// <param name="Machine">Where.</param>
internal record BenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
{
    /// <summary>Threads that computed.</summary>
    [JsonPropertyOrder(1)]
    public required int Threads { get; init; }
}

/// <summary>What <c>recs bench embed</c> found; the figures of the first model stand at the top.</summary>
internal sealed record EmbedBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Every model that was measured.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<EmbedRun> Models { get; init; }

    /// <summary>What was not, and why.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<string> Skipped { get; init; }
}

/// <summary>What <c>recs bench embed --streaming</c> found.</summary>
internal sealed record StreamingBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Bytes of the checkpoint's files.</summary>
    [JsonPropertyOrder(1)]
    public required long CheckpointBytes { get; init; }

    /// <summary>Bytes that streaming was allowed.</summary>
    [JsonPropertyOrder(1)]
    public required long MemoryBytes { get; init; }

    /// <summary>Whether streaming kept to them.</summary>
    [JsonPropertyOrder(1)]
    public required bool WithinMemory { get; init; }

    /// <summary>With all layers in memory.</summary>
    [JsonPropertyOrder(1)]
    public required EmbedRun Full { get; init; }

    /// <summary>Layer by layer.</summary>
    [JsonPropertyOrder(1)]
    public required EmbedRun Stream { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(EmbedBenchResult))]
[JsonSerializable(typeof(StreamingBenchResult))]
internal sealed partial class BenchJson : JsonSerializerContext;
